namespace Ducts.Scripting;

/// <summary>The namespaces that handler files and modules have imported without saying so.</summary>
public static class ImplicitUsings
{
    /// <summary>
    /// The namespaces, sorted. A project file beside the handlers, which is there for editors only, lists the same.
    /// </summary>
    public static IReadOnlyList<string> Namespaces { get; } =
    [
        "Ducts",
        "Ducts.MessagePack",
        "Ducts.Redis",
        "Ducts.Topics",
        "Microsoft.AspNetCore.Http",
        "Microsoft.AspNetCore.Mvc",
        "Microsoft.Extensions.Configuration",
        "Microsoft.Extensions.DependencyInjection",
        "Microsoft.Extensions.Logging",
        "System",
        "System.Collections.Generic",
        "System.IO",
        "System.Linq",
        "System.Net.Http",
        "System.Net.Http.Json",
        "System.Runtime.CompilerServices",
        "System.Security.Claims",
        "System.Text",
        "System.Text.Json",
        "System.Threading",
        "System.Threading.Channels",
        "System.Threading.Tasks",
    ];
}
