/**
 * Reads plain-text books. In: bytes and lines. Out: well-formed text in paragraphs. It follows no
 * section of a paper but the customs of Project Gutenberg and plain-text files.
 */
@NullMarked
package io.lorashear.spark.source.text;

import org.jspecify.annotations.NullMarked;
