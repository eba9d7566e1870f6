/**
 * LMDB as the rest of the daemon uses it: tables, transactions as lambdas, a map that grows by
 * itself.
 */
@NullMarked
package io.revfs.index;

import org.jspecify.annotations.NullMarked;
