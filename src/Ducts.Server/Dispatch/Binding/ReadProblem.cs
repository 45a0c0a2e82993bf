using Ducts.Dispatch.Errors;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Dispatch.Binding;

/// <summary>What a caller is told of a value that could not be converted.</summary>
internal static class ReadProblem
{
    /// <summary>Makes the error: a <c>TypeError</c> for a value of the wrong kind, a <c>ValueError</c> for wrong content.</summary>
    /// <param name="error">What the converter found.</param>
    /// <param name="argument">The argument's name.</param>
    /// <param name="isRoot">Whether the path begins at the data's root, rather than at the argument.</param>
    public static EventError Of(MessagePackReadError error, string argument, bool isRoot)
    {
        // What has no name of its own, such as the second element of the data, is known by the argument's.
        var isNamed = isRoot && error.Path.Length > 0 && error.Path[0] != '[';
        var path = isNamed ? error.Path : error.Within(argument).Path;
        var name = IsOfWrongKind(error) ? ErrorNames.Type : ErrorNames.Value;
        return new(name, BindingText.Mismatch(path, error.Expected, error.Found));
    }

    // Converters say what kind of value they found, unless the kind was right: then they say what of the content was wrong.
    private static bool IsOfWrongKind(MessagePackReadError error) =>
        error.Found is "null" or "a boolean" or "an integer" or "a float" or "a string" or "bytes" or "an array" or "a map"
            or "a map without it" or "an extension";
}
