/**
 * In: bytes and lines of plain-text books. Out: well-formed text in paragraphs. No section of a
 * paper: Project Gutenberg's and plain-text files' own customs.
 */
@NullMarked
package io.lorashear.spark.source.text;

import org.jspecify.annotations.NullMarked;
