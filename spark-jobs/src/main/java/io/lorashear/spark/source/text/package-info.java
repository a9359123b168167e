/**
 * Reads plain-text books. In: bytes and lines. Out: well-formed text in paragraphs. No section of a
 * paper; it follows the conventions of Project Gutenberg and plain-text files.
 */
@NullMarked
package io.lorashear.spark.source.text;

import org.jspecify.annotations.NullMarked;
