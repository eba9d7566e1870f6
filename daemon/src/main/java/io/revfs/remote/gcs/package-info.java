/** Google Cloud Storage. */
@NullMarked
package io.revfs.remote.gcs;

import org.jspecify.annotations.NullMarked;
