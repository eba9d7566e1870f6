/** Azure Blob Storage. */
@NullMarked
package io.revfs.remote.azure;

import org.jspecify.annotations.NullMarked;
