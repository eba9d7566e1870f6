package io.revfs.mount;

import io.revfs.seal.Sealer;

/** What mounts need so that the kernel can serve their commits by itself. */
public record Sealing(Sealer sealer, ObjectMount layer) {}
