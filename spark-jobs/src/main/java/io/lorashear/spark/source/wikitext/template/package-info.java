/**
 * Replaces calls of templates. In: a call of a template or of one of MediaWiki's functions. Out:
 * its words in the sentence. Templates are not executed: a table has the result of common templates
 * of many wikis by name, and a rule treats all others.
 */
@NullMarked
package io.lorashear.spark.source.wikitext.template;

import org.jspecify.annotations.NullMarked;
