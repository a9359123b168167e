/**
 * In: the wikitext of one page. Out: its prose. Hand-written and linear in the text, so that a page
 * made to be slow is not; follows MediaWiki's mark-up, not one wiki's language.
 */
@NullMarked
package io.lorashear.spark.source.wikitext;

import org.jspecify.annotations.NullMarked;
