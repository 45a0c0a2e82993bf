using System.IO.Compression;
using Ducts.Scripting.Compiling;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis;

namespace Ducts.Scripting.Tests;

/// <summary>A package source in a server's home, the only one that is asked, so that no test needs the network.</summary>
internal sealed class PackageFeed
{
    private readonly string _folder;
    private readonly Dictionary<string, string> _assemblies = [];

    public PackageFeed(HandlerHome home)
    {
        _folder = Directory.CreateDirectory(Path.Combine(home.Path, "feed")).FullName;
        File.WriteAllText(Path.Combine(home.Path, "NuGet.config"), """
            <configuration>
              <config><add key="globalPackagesFolder" value="packages" /></config>
              <packageSources><clear /><add key="feed" value="feed" /></packageSources>
              <fallbackPackageFolders><clear /></fallbackPackageFolders>
            </configuration>
            """);
    }

    /// <summary>Compiles a class library and packs it.</summary>
    public void Add(string name, string version, string source, string? dependency = null)
    {
        var references = PlatformAssemblies.Paths.Select(path => (MetadataReference)MetadataReference.CreateFromFile(path)).ToList();
        if (dependency is not null)
        {
            references.Add(MetadataReference.CreateFromFile(_assemblies[dependency]));
        }

        var assembly = Path.Combine(_folder, name + ".dll");
        var tree = CSharpSyntaxTree.ParseText($"[assembly: System.Reflection.AssemblyVersion(\"{version}.0\")]\n{source}");
        var result = CSharpCompilation.Create(name, [tree], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)).Emit(assembly);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        _assemblies[name] = assembly;

        var dependencies = dependency is null ? "" : $"<group targetFramework=\"net10.0\"><dependency id=\"{dependency}\" version=\"1.0.0\" /></group>";
        using var package = ZipFile.Open(Path.Combine(_folder, $"{name}.{version}.nupkg"), ZipArchiveMode.Create);
        using (var writer = new StreamWriter(package.CreateEntry(name + ".nuspec").Open()))
        {
            writer.Write($"""
                <package><metadata>
                  <id>{name}</id><version>{version}</version><authors>tests</authors><description>For a test.</description>
                  <dependencies>{dependencies}</dependencies>
                </metadata></package>
                """);
        }

        package.CreateEntryFromFile(assembly, $"lib/net10.0/{name}.dll");
    }
}
