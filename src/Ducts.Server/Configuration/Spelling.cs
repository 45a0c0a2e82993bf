namespace Ducts.Configuration;

/// <summary>Finds what somebody who mistyped a name may have meant.</summary>
internal static class Spelling
{
    /// <summary>Returns the end of a sentence that calls a name unknown: <c>; did you mean server?</c>, or nothing when no name is near.</summary>
    /// <param name="name">The unknown name.</param>
    /// <param name="names">The known ones.</param>
    public static string DidYouMean(string name, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Nearest(name, names, limit: Math.Max(2, name.Length / 3)) is { } best ? $"; did you mean {best}?" : "";
    }

    /// <summary>Gets the name that takes the fewest edits, whatever its case and underscores.</summary>
    /// <param name="name">The unknown name.</param>
    /// <param name="names">The known ones.</param>
    /// <param name="limit">The most edits that still count as a mistyped name.</param>
    /// <returns>The first of the nearest, or null when none is that near.</returns>
    public static string? Nearest(string name, IEnumerable<string> names, int limit) => names
        // A name of quite another length is none that was meant, and may be a whole file.
        .Where(candidate => Math.Abs(candidate.Length - name.Length) <= limit + 2)
        .Select(candidate => (Name: candidate, Distance: Distance(Plain(name), Plain(candidate))))
        .Where(candidate => candidate.Distance <= limit)
        .OrderBy(static candidate => candidate.Distance)
        .Select(static candidate => candidate.Name)
        .FirstOrDefault();

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>Counts the edits from one to the other, a swap of neighbours counting as one.</summary>
    private static int Distance(string a, string b)
    {
        var distance = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            distance[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            distance[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var change = a[i - 1] == b[j - 1] ? 0 : 1;
                distance[i, j] = Math.Min(
                    Math.Min(distance[i - 1, j] + 1, distance[i, j - 1] + 1),
                    distance[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    distance[i, j] = Math.Min(distance[i, j], distance[i - 2, j - 2] + 1);
            }
        }
        return distance[a.Length, b.Length];
    }
}
