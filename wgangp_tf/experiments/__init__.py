"""The papers' experiments, one file a figure: trains and measures, into files of numbers; draws nothing."""
