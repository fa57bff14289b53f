"""Named experiments: config values that any flag overrides. Each is (one line for `list`, {field: value})."""

# by the heading that `list` shows them under
GROUPS = {
    "of this project": {
        "shapes": (
            "32x32 colour shapes drawn by this project, minutes on two cores: sees colour, folders and the store learn",
            {
                "dataset": "shapes",
                "network": "dcgan",
                "width": 24,
                "latent_dim": 64,
                "critic_normalization": "none",
                "n_critic": 2,
                "learning_rate": 1e-3,
                "beta_1": 0.5,
                "learning_rate_decay": "linear",
                "ema_decay": 0.99,
                "steps": 8000,
            },
        ),
    },
    "after Gulrajani et al. 2017": {
        "mnist_dcgan": (
            "28x28 handwritten digits, the paper's MNIST set-up (paper, section 3; its scripts)",
            {
                "dataset": "mnist",
                "network": "dcgan",
                "width": 64,
                "generator_normalization": "none",
                "critic_normalization": "none",
                "batch_size": 50,
                "beta_1": 0.5,
                "steps": 200_000,
            },
        ),
        "cifar10_dcgan": (
            "32x32 colour, the paper's CIFAR-10 DCGAN set-up (paper, Fig. 3)",
            {
                "dataset": "cifar10",
                "network": "dcgan",
                "width": 128,
                "critic_normalization": "none",
                "batch_size": 64,
                "beta_1": 0.5,
                "steps": 200_000,
            },
        ),
        "celeb_a_dcgan": (
            "64x64 faces, DCGAN networks with layer normalisation in the critic",
            {"dataset": "celeb_a", "network": "dcgan", "width": 64, "batch_size": 64, "steps": 200_000},
        ),
    },
}

PRESETS = {name: preset for group in GROUPS.values() for name, preset in group.items()}
