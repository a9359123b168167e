/**
 * Extracts prose from wiki pages. In: the wikitext of one page. Out: its prose. The parser is
 * hand-written and linear in the text, so that no page can make it slow; it follows MediaWiki's
 * mark-up in all languages.
 */
@NullMarked
package io.lorashear.spark.source.wikitext;

import org.jspecify.annotations.NullMarked;
