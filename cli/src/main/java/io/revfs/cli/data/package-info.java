/**
 * Commands about single files, wherever they are: looked at, read, fetched ahead and kept; and
 * about the cache they lie in.
 */
@NullMarked
package io.revfs.cli.data;

import org.jspecify.annotations.NullMarked;
