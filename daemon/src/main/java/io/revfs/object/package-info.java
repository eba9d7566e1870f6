/**
 * Objects: immutable bytes named by a digest ({@link io.revfs.object.ObjectKey}), and the contract
 * of whatever they can be read from ({@link io.revfs.object.ObjectSource}). Knows no such place.
 */
@NullMarked
package io.revfs.object;

import org.jspecify.annotations.NullMarked;
