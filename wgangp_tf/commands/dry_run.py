"""`--dry_run`: what would be trained, without training it."""

import math
import os

import keras

from wgangp_tf import quiet
from wgangp_tf.commands import train
from wgangp_tf.data import registry as data_sets
