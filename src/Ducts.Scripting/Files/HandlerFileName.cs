using System.Globalization;

namespace Ducts.Scripting.Files;

/// <summary>Parses the id and key of an event from the name of its handler file.</summary>
/// <param name="Id">The id, or null when no part of the name is an integer, or the first is too large.</param>
/// <param name="Key">What follows the id, in upper case; empty when nothing does.</param>
internal readonly record struct HandlerFileName(int? Id, string Key)
{
    /// <summary>Takes a name such as <c>evt_1000_my_sample.cs</c> apart.</summary>
    public static HandlerFileName Parse(string path)
    {
        var parts = Path.GetFileNameWithoutExtension(path).Split('_');
        var at = Array.FindIndex(parts, static part => part.Length > 0 && part.All(char.IsAsciiDigit));
        if (at < 0 || !int.TryParse(parts[at], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return new HandlerFileName(null, "");
        }

        return new HandlerFileName(id, string.Join('_', parts[(at + 1)..]).ToUpperInvariant());
    }

    /// <summary>
    /// Whether a key can stand in a path and in a log: letters, digits, <c>_</c>, <c>-</c> and <c>.</c>, no dot in front.
    /// </summary>
    public static bool IsKey(string key) =>
        key.Length > 0 && key[0] != '.' && key.All(static c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.');
}
