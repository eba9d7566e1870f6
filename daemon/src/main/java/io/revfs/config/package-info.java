@NullMarked
package io.revfs.config;

import org.jspecify.annotations.NullMarked;
