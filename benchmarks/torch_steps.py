"""A WGAN-GP in PyTorch, in two ways. Measured by `python main.py benchmark` where torch is installed.

It imports nothing of this project. `Zoo` is what a collection of GANs has: real and fake samples one after the other
through the critic, the penalty by `autograd.grad` with `create_graph`, latents of its own for each update, Adam as it
comes. `Expert` is the same arithmetic as somebody writes it who wants it fast: no graph for the fakes in the critic's
update, real and fake samples in one pass, no gradients for weights that do not learn, memory in channels_last, fused
Adam, half precision by autocast.
"""

import contextlib
import math

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

_HALF = {"float32": None, "mixed_bfloat16": torch.bfloat16, "mixed_float16": torch.float16}


class _Reshape(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.reshape(len(x), *self.shape)


def _norm(name, channels, rank):
    """A layer of normalisation by name, as a list of layers."""
    kinds = {
        "none": list,
        "batch": lambda: [(nn.BatchNorm1d if rank == 1 else nn.BatchNorm2d)(channels)],
        "layer": lambda: [nn.LayerNorm(channels) if rank == 1 else nn.GroupNorm(1, channels)],
        "instance": lambda: [nn.InstanceNorm2d(channels, affine=True)],
    }
    return kinds[name]()


def _dense(task):
    """(generator, critic): dense layers with ReLU."""
    shape = _channels_first(task)
    numbers, width = math.prod(shape), task["width"]

    def hidden(before, norm):
        parts = []
        for _ in range(task["depth"]):
            parts += [nn.Linear(before, width), *_norm(norm, width, 1), nn.ReLU()]
            before = width
        return parts

    generator = [*hidden(task["latent_dim"], task["generator_normalization"]), nn.Linear(width, numbers)]
    generator += [nn.Tanh()] if task["pictures"] else []
    critic = [nn.Flatten(), *hidden(numbers, task["critic_normalization"]), nn.Linear(width, 1)]
    return nn.Sequential(*generator, _Reshape(*shape)), nn.Sequential(*critic)


def _dcgan(task):
    """(generator, critic): strided convolutions."""
    channels, *size = _channels_first(task)
    width, kernel, bias = task["width"], task["kernel"], task["bias"]
    padding = (kernel - 1) // 2
    halvings = 0
    while min(size) // 2**halvings > 4:
        halvings += 1
    depths = [width * min(2**level, 8) for level in range(halvings)]
    least = [side // 2**halvings for side in size]
    before = depths[-1]
    generator = [nn.Linear(task["latent_dim"], math.prod(least) * before, bias=bias), _Reshape(before, *least)]
    for depth in [*reversed(depths[:-1]), channels]:
        generator += [*_norm(task["generator_normalization"], before, 3), nn.ReLU()]
        generator += [
            nn.ConvTranspose2d(before, depth, kernel, stride=2, padding=padding, output_padding=kernel % 2, bias=bias)
        ]
        before = depth
    critic, before = [], channels
    for level, depth in enumerate(depths):
        critic += [nn.Conv2d(before, depth, kernel, stride=2, padding=padding, bias=bias)]
        critic += [*(_norm(task["critic_normalization"], depth, 3) if level else []), nn.LeakyReLU(0.2)]
        before = depth
    critic += [nn.Flatten(), nn.Linear(math.prod(least) * before, 1, bias=bias)]
    return nn.Sequential(*generator, nn.Tanh()), nn.Sequential(*critic)


class _Sum(nn.Module):
    """Two ways from one input, added."""

    def __init__(self, shortcut, layers):
        super().__init__()
        self.shortcut, self.layers = nn.Sequential(*shortcut), nn.Sequential(*layers)

    def forward(self, x):
        return self.shortcut(x) + self.layers(x)


def _resnet(task):
    """(generator, critic): the paper's ResNet for 32x32, its shortcuts convolved where the maps are small."""
    channels, *size = _channels_first(task)
    width = task["width"]

    def activated(norm):
        return [*_norm(norm, width, 3), nn.ReLU()]

    def convolved(before=width, kernel=3):
        return nn.Conv2d(before, width, kernel, padding="same")

    of_generator, of_critic = task["generator_normalization"], task["critic_normalization"]
    least = [side // 8 for side in size]
    generator = [nn.Linear(task["latent_dim"], math.prod(least) * width), _Reshape(width, *least)]
    for _ in range(3):
        layers = [*activated(of_generator), nn.Upsample(scale_factor=2), convolved()]
        generator += [
            _Sum([convolved(kernel=1), nn.Upsample(scale_factor=2)], [*layers, *activated(of_generator), convolved()])
        ]
    generator += [*activated(of_generator), nn.Conv2d(width, channels, 3, padding="same"), nn.Tanh()]
    first = [convolved(channels), nn.ReLU(), convolved(), nn.AvgPool2d(2)]
    second = [*activated(of_critic), convolved(), *activated(of_critic), convolved(), nn.AvgPool2d(2)]
    critic = [
        _Sum([nn.AvgPool2d(2), convolved(channels, 1)], first),
        _Sum([nn.AvgPool2d(2), convolved(kernel=1)], second),
        *(_Sum([], [*activated(of_critic), convolved(), *activated(of_critic), convolved()]) for _ in range(2)),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(width, 1),
    ]
    return nn.Sequential(*generator), nn.Sequential(*critic)


NETWORKS = {"mlp": _dense, "dcgan": _dcgan, "cifar10_resnet": _resnet}


def _channels_first(task):
    *size, channels = task["shape"]
    return (channels, *size)


class Zoo:
    """What is measured, see `wgangp_tf/speed/worker.py`; its subclass changes what an expert would."""

    operations = None
    fused = False
    layout = torch.contiguous_format

    def __init__(self, task):
        torch.manual_seed(0)
        self.task = task
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        networks = NETWORKS[task["network"]](task)
        self.generator, self.critic = (network.to(self.device, memory_format=self.layout) for network in networks)
        # a layer of normalisation keeps two more numbers a channel that do not learn, as Keras counts them
        self.parameters = [sum(map(torch.numel, _numbers(network))) for network in networks]
        rates = task["learning_rate"], task["critic_learning_rate"]
        self.generator_optimizer, self.critic_optimizer = (
            torch.optim.Adam(network.parameters(), rate, (task["beta_1"], task["beta_2"]), fused=self.fused or None)
            for network, rate in zip(networks, rates, strict=True)
        )
        shape = _channels_first(task)
        self.real = [self._placed(torch.rand(task["batch_size"], *shape) * 2 - 1) for _ in range(task["n_critic"])]
        self.forward = [
            _operations(self.generator, self._latents(1)),
            _operations(self.critic, self.real[0][:1]),
        ]

    def train(self, done):
        """Trains without end; calls `done` after each step."""
        while True:
            for real in self.real:
                self.update_critic(real)
            self.update_generator()
            done()

    def wait(self):
        """Waits for the device."""
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def update_critic(self, real):
        fake = self.generator(self._latents(len(real))).detach()
        loss = self.critic(fake).mean() - self.critic(real).mean()
        loss = loss + self.task["gp_weight"] * self._penalty(real, fake)
        self.critic_optimizer.zero_grad()
        loss.backward()
        self.critic_optimizer.step()

    def update_generator(self):
        loss = -self.critic(self.generator(self._latents(self.task["generator_batch_size"]))).mean()
        self.generator_optimizer.zero_grad()
        loss.backward()
        self.generator_optimizer.step()

    def _penalty(self, real, fake):
        share = torch.rand(len(real), *[1] * (real.dim() - 1), device=self.device)
        between = (share * real + (1 - share) * fake).requires_grad_(True)
        scores = self.critic(between)
        (slopes,) = torch.autograd.grad(scores, between, torch.ones_like(scores), create_graph=True)
        return ((slopes.flatten(1).norm(dim=1) - 1) ** 2).mean()

    def _latents(self, count):
        return torch.randn(count, self.task["latent_dim"], device=self.device)

    def _placed(self, samples):
        layout = self.layout if samples.dim() == 4 else torch.contiguous_format
        return samples.to(self.device, memory_format=layout)


class Expert(Zoo):
    """See the module."""

    fused = True

    def __init__(self, task):
        self.layout = torch.channels_last if len(task["shape"]) == 3 else torch.contiguous_format
        self.half = _HALF[task["precision"]]
        super().__init__(task)
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.half is torch.float16)

    def update_critic(self, real):
        with self._half():
            with torch.no_grad():
                fake = self.generator(self._latents(len(real)))
            fake = fake.float()
            scores = self.critic(torch.cat([real, fake])).float()
            real_scores, fake_scores = scores.split(len(real))
            penalty = self._penalty(real, fake)
        loss = fake_scores.mean() - real_scores.mean() + self.task["gp_weight"] * penalty
        self._learn(self.critic_optimizer, loss)

    def update_generator(self):
        self.critic.requires_grad_(False)
        with self._half():
            scores = self.critic(self.generator(self._latents(self.task["generator_batch_size"])))
        self._learn(self.generator_optimizer, -scores.float().mean())
        self.critic.requires_grad_(True)

    def _half(self):
        if self.half is None:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, self.half)

    def _learn(self, optimizer, loss):
        optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()
        self.scaler.step(optimizer)
        self.scaler.update()


def _numbers(network):
    """The weights of a network, and the statistics that it keeps of what it saw."""
    yield from network.parameters()
    yield from (buffer for name, buffer in network.named_buffers() if name.startswith("running") or ".running" in name)


def _operations(network, sample):
    """Operations of one sample through a network."""
    network.eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(sample)
    network.train()
    return counter.get_total_flops()
