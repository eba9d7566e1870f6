/** What is to be written to an image: directories and what is in them. */
@NullMarked
package io.revfs.image.entry;

import org.jspecify.annotations.NullMarked;
