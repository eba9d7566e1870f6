/**
 * Objects between the project's cache and remotes: which ones outputs need, what is missing where,
 * push, fetch, and what may be removed. Contents always travel before the manifests that name them.
 */
@NullMarked
package io.revfs.transfer;

import org.jspecify.annotations.NullMarked;
