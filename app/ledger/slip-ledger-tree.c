/* SPDX-License-Identifier: MIT */
/* The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1 is the same), nothing invented and nothing left
 * out. It holds no entries: complete subtrees are looked up where the ledger stores them. The
 * verifier has its own code on purpose and does not use this. */

#include "slip-ledger-tree.h"

#include <openssl/evp.h>
#include <string.h>

static void
digest (guint8 prefix, const void *a, gsize a_length, const void *b, gsize b_length, guint8 *out)
{
  static GPrivate context_key = G_PRIVATE_INIT ((GDestroyNotify)EVP_MD_CTX_free);
  EVP_MD_CTX *context = g_private_get (&context_key);

  /* Fetching the algorithm costs more than hashing a node, so each thread keeps its context. */
  if (context == NULL)
    {
      context = EVP_MD_CTX_new ();
      g_private_set (&context_key, context);
      if (context == NULL || !EVP_DigestInit_ex2 (context, EVP_sha256 (), NULL))
        g_error ("libcrypto offers no SHA-256");
    }
  else if (!EVP_DigestInit_ex2 (context, NULL, NULL))
    g_error ("libcrypto cannot restart SHA-256");
  if (!EVP_DigestUpdate (context, &prefix, 1) || !EVP_DigestUpdate (context, a, a_length)
      || !EVP_DigestUpdate (context, b, b_length) || !EVP_DigestFinal_ex (context, out, NULL))
    g_error ("libcrypto cannot compute SHA-256");
}

void
slip_tree_leaf (const void *entry, gsize length, SlipTreeHash *hash)
{
  digest (0x00, entry, length, "", 0, hash->bytes);
}

void
slip_tree_node (const SlipTreeHash *left, const SlipTreeHash *right, SlipTreeHash *hash)
{
  SlipTreeHash result;

  digest (0x01, left->bytes, sizeof left->bytes, right->bytes, sizeof right->bytes, result.bytes);
  *hash = result;
}

guint
slip_tree_completed (guint64 index)
{
  guint n = 1;

  for (; (index & 1) != 0; index >>= 1)
    n++;
  return n;
}

guint
slip_tree_append (SlipTreeFrontier *frontier,
                  const SlipTreeHash *leaf,
                  SlipTreeHash completed[SLIP_TREE_MAX_LEVELS])
{
  guint n = slip_tree_completed (frontier->size);

  completed[0] = *leaf;
  for (guint level = 1; level < n; level++)
    slip_tree_node (&frontier->levels[level - 1], &completed[level - 1], &completed[level]);
  frontier->levels[n - 1] = completed[n - 1];
  frontier->size++;
  return n;
}

void
slip_tree_root (const SlipTreeFrontier *frontier, SlipTreeHash *root)
{
  gboolean begun = FALSE;

  if (frontier->size == 0)
    {
      if (!EVP_Digest ("", 0, root->bytes, NULL, EVP_sha256 (), NULL))
        g_error ("libcrypto cannot compute SHA-256");
      return;
    }
  for (guint level = 0; level < SLIP_TREE_MAX_LEVELS; level++)
    {
      if ((frontier->size >> level & 1) == 0)
        continue;
      if (begun)
        slip_tree_node (&frontier->levels[level], root, root);
      else
        *root = frontier->levels[level];
      begun = TRUE;
    }
}

gboolean
slip_tree_load (
    SlipTreeFrontier *frontier, guint64 size, SlipTreeNodeFunc func, gpointer data, GError **error)
{
  memset (frontier, 0, sizeof *frontier);
  for (guint level = 0; level < SLIP_TREE_MAX_LEVELS; level++)
    {
      /* The subtree of this bit ends where the higher bits' leaves and its own do. */
      if ((size >> level & 1) != 0
          && !func (level, (size >> level) - 1, &frontier->levels[level], data, error))
        return FALSE;
    }
  frontier->size = size;
  return TRUE;
}

static guint64
largest_power_below (guint64 n)
{
  guint64 power = 1;

  while (power < n - power)
    power <<= 1;
  return power;
}

typedef struct
{
  SlipTreeNodeFunc func;
  gpointer data;
  GByteArray *path;
} Walk;

/* MTH (D[begin:end]): every left part is complete and aligned, so that only the right edge is
 * computed, by at most one hash for each level. */
static gboolean
subtree (Walk *walk, guint64 begin, guint64 end, SlipTreeHash *hash, GError **error)
{
  guint64 n = end - begin;
  SlipTreeHash left;
  SlipTreeHash right;
  guint64 split;

  if ((n & (n - 1)) == 0)
    {
      guint level = 0;

      while ((n >> level) != 1)
        level++;
      return walk->func (level, begin >> level, hash, walk->data, error);
    }
  split = begin + largest_power_below (n);
  if (!subtree (walk, begin, split, &left, error) || !subtree (walk, split, end, &right, error))
    return FALSE;
  slip_tree_node (&left, &right, hash);
  return TRUE;
}

static gboolean
append_subtree (Walk *walk, guint64 begin, guint64 end, GError **error)
{
  SlipTreeHash hash;

  if (!subtree (walk, begin, end, &hash, error))
    return FALSE;
  g_byte_array_append (walk->path, hash.bytes, sizeof hash.bytes);
  return TRUE;
}

/* PATH (index, D[begin:end]) */
static gboolean
path (Walk *walk, guint64 index, guint64 begin, guint64 end, GError **error)
{
  guint64 split;

  if (end - begin == 1)
    return TRUE;
  split = begin + largest_power_below (end - begin);
  if (index < split)
    return path (walk, index, begin, split, error) && append_subtree (walk, split, end, error);
  return path (walk, index, split, end, error) && append_subtree (walk, begin, split, error);
}

/* SUBPROOF (first, D[begin:end], known), with @first counted from 0 */
static gboolean
subproof (Walk *walk, guint64 first, guint64 begin, guint64 end, gboolean known, GError **error)
{
  guint64 split;

  if (first == end)
    return known || append_subtree (walk, begin, end, error);
  split = begin + largest_power_below (end - begin);
  if (first <= split)
    return subproof (walk, first, begin, split, known, error)
           && append_subtree (walk, split, end, error);
  return subproof (walk, first, split, end, FALSE, error)
         && append_subtree (walk, begin, split, error);
}

GByteArray *
slip_tree_inclusion (
    guint64 index, guint64 size, SlipTreeNodeFunc func, gpointer data, GError **error)
{
  g_autoptr (GByteArray) proof = g_byte_array_new ();
  Walk walk = {func, data, proof};

  g_return_val_if_fail (index < size, NULL);

  if (!path (&walk, index, 0, size, error))
    return NULL;
  return g_steal_pointer (&proof);
}

GByteArray *
slip_tree_consistency (
    guint64 first, guint64 second, SlipTreeNodeFunc func, gpointer data, GError **error)
{
  g_autoptr (GByteArray) proof = g_byte_array_new ();
  Walk walk = {func, data, proof};

  g_return_val_if_fail (first >= 1 && first <= second, NULL);

  if (!subproof (&walk, first, 0, second, TRUE, error))
    return NULL;
  return g_steal_pointer (&proof);
}
