/**
 * The project's own DVC cache: files hashed once and put into it in the same pass, objects by their
 * digests, and the links by which they come back.
 */
@NullMarked
package io.revfs.workspace.store;

import org.jspecify.annotations.NullMarked;
