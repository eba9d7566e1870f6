package io.revfs.image;

/**
 * What was written.
 *
 * @param bytes the image's size
 * @param sha256 of the image, hexadecimal
 * @param directories how many, the root included
 * @param objectFiles how many files whose bytes are elsewhere
 * @param inlineFiles how many files whose bytes are in the image
 * @param links how many symbolic links
 * @param inlineBytes the sizes of inline files added up
 */
record ImageSummary(
    long bytes,
    String sha256,
    long directories,
    long objectFiles,
    long inlineFiles,
    long links,
    long inlineBytes) {}
