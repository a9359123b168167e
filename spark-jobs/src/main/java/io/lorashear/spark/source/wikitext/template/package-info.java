/**
 * In: a call of a template or of one of MediaWiki's functions. Out: the words it leaves in its
 * sentence. No wiki's templates are run: a table says by their names what the usual ones of many
 * wikis come to, and a rule what is done with all others.
 */
@NullMarked
package io.lorashear.spark.source.wikitext.template;

import org.jspecify.annotations.NullMarked;
