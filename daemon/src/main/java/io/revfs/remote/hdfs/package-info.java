/** HDFS, by its own protocol and by WebHDFS. */
@NullMarked
package io.revfs.remote.hdfs;

import org.jspecify.annotations.NullMarked;
