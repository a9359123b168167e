/**
 * Copies on this machine of files in stores, for what reads through the file system: DuckDB, mapped
 * weights. In: files of object stores, as Java paths. Out: local files with the same bytes, in a
 * folder of bounded size that processes share. No section of the paper.
 */
@NullMarked
package io.lorashear.fetch;

import org.jspecify.annotations.NullMarked;
