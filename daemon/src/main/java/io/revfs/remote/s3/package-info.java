/** S3 and what speaks its protocol. */
@NullMarked
package io.revfs.remote.s3;

import org.jspecify.annotations.NullMarked;
