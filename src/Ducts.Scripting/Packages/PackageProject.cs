using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Ducts.Scripting.Files;

namespace Ducts.Scripting.Packages;

/// <summary>
/// Writes the project that brings packages and projects together. It has no source; building it gathers what it refers
/// to, all that this needs, and the list of both by which .NET loads them.
/// </summary>
internal static class PackageProject
{
    public const string AssemblyName = "Ducts.HandlerPackages";

    /// <summary>Below the output: what to compile against.</summary>
    public const string ReferenceFolder = "ref";

    /// <summary>Below the project: the output.</summary>
    public const string OutputFolder = "out";

    // Stand in for files of the same names further up, which are about the user's own projects.
    private static readonly string[] Shields = ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"];

    /// <summary>Writes the project into a folder.</summary>
    /// <returns>The project's path.</returns>
    public static string Write(string folder, IReadOnlyList<SourceDirective> directives)
    {
        Directory.CreateDirectory(folder);
        foreach (var shield in Shields)
        {
            File.WriteAllText(Path.Combine(folder, shield), "<Project />\n");
        }

        var path = Path.Combine(folder, AssemblyName + ".csproj");
        Make(directives).Save(path);
        return path;
    }

    private static XElement Make(IReadOnlyList<SourceDirective> directives)
    {
        var packages = directives.Where(static directive => directive.Kind == DirectiveKind.Package)
            .DistinctBy(static directive => directive.Name, StringComparer.OrdinalIgnoreCase)
            .Select(static directive => new XElement("PackageReference", new XAttribute("Include", directive.Name), new XAttribute("Version", directive.Version)));
        var projects = directives.Where(static directive => directive.Kind == DirectiveKind.Project)
            .DistinctBy(static directive => directive.Name, StringComparer.Ordinal)
            .Select(static directive => new XElement("ProjectReference", new XAttribute("Include", Escape(directive.Name))));
        return new XElement(
            "Project",
            new XAttribute("Sdk", "Microsoft.NET.Sdk"),
            new XElement(
                "PropertyGroup",
                new XElement("TargetFramework", string.Create(CultureInfo.InvariantCulture, $"net{Environment.Version.Major}.0")),
                new XElement("AssemblyName", AssemblyName),
                new XElement("EnableDefaultItems", "false"),
                new XElement("EnableDynamicLoading", "true"),
                new XElement("UseAppHost", "false"),
                new XElement("OutputPath", OutputFolder + "/"),
                new XElement("AppendTargetFrameworkToOutputPath", "false"),
                new XElement("ProduceReferenceAssembly", "false"),
                new XElement("DebugType", "none"),
                // Asks the feed once more for what a start should not wait for.
                new XElement("NuGetAudit", "false")),
            new XElement("ItemGroup", new XElement("FrameworkReference", new XAttribute("Include", "Microsoft.AspNetCore.App")), packages, projects),
            new XElement(
                "Target",
                new XAttribute("Name", "GatherReferences"),
                new XAttribute("AfterTargets", "Build"),
                new XElement(
                    "ItemGroup",
                    new XElement(
                        "_Gathered",
                        new XAttribute("Include", "@(ReferencePathWithRefAssemblies)"),
                        new XAttribute("Condition", "'%(ReferencePathWithRefAssemblies.FrameworkReferenceName)' == ''"))),
                new XElement("MakeDir", new XAttribute("Directories", "$(OutDir)" + ReferenceFolder)),
                new XElement("Copy", new XAttribute("SourceFiles", "@(_Gathered)"), new XAttribute("DestinationFolder", "$(OutDir)" + ReferenceFolder))));
    }

    // A path is taken as it is: MSBuild would see properties, lists and patterns in it.
    private static string Escape(string path)
    {
        var text = new StringBuilder(path.Length);
        foreach (var c in path)
        {
            if ("%$@();?*'".Contains(c, StringComparison.Ordinal))
            {
                text.Append(CultureInfo.InvariantCulture, $"%{(int)c:x2}");
            }
            else
            {
                text.Append(c);
            }
        }

        return text.ToString();
    }
}
