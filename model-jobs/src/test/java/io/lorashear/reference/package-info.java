/**
 * The way tests reach numbers and corpora made elsewhere. In: a folder that is not part of this
 * repository. Out: paths inside it, or a skipped test where the folder is missing.
 */
@NullMarked
package io.lorashear.reference;

import org.jspecify.annotations.NullMarked;
