using Microsoft.AspNetCore.StaticFiles;

namespace Ducts.Discovery;

/// <summary>Content types by extension, text with its charset.</summary>
internal static class ContentTypes
{
    private static readonly FileExtensionContentTypeProvider Types = Create();

    /// <summary>The table, for those who serve files themselves.</summary>
    public static IContentTypeProvider Provider => Types;

    public static string Of(string fileName) =>
        Types.TryGetContentType(fileName, out var type) ? type : "application/octet-stream";

    private static FileExtensionContentTypeProvider Create()
    {
        var types = new FileExtensionContentTypeProvider();
        // Without a charset a script is read in that of the page that loads it.
        foreach (var extension in (string[])[".html", ".htm", ".css", ".js", ".mjs", ".txt", ".csv", ".md"])
            types.Mappings[extension] = $"{(types.Mappings.TryGetValue(extension, out var type) ? type : "text/plain")}; charset=utf-8";
        types.Mappings[".map"] = "application/json; charset=utf-8";
        types.Mappings[".ts"] = "text/plain; charset=utf-8";
        return types;
    }
}
