import numpy as np

from wgangp_tf.data.source import Split, divided


def test_divided_samples_are_each_in_one_split_with_their_labels():
    samples, labels = np.arange(20, dtype=np.uint8).reshape(5, 2, 2, 1), np.int32([10, 11, 12, 13, 14])
    train, validation = divided(samples, np.int64([1, 4]), labels)
    np.testing.assert_array_equal(train.samples[:], samples[[0, 2, 3]])
    np.testing.assert_array_equal(validation.samples[:], samples[[1, 4]])
    assert train.labels.tolist() == [10, 12, 13] and validation.labels.tolist() == [11, 14]
    assert (len(train), len(validation)) == (3, 2)
    assert train.sample_shape == validation.sample_shape == (2, 2, 1)


def test_without_labels_there_are_none():
    train, validation = divided(np.zeros([3, 2], np.float32), np.int64([0]))
    assert train.labels is None and validation.labels is None and train.modes is None
    assert Split(np.zeros([3, 2], np.float32)).sample_shape == (2,)
