using System.Runtime.Loader;
using Ducts.Scripting.Packages;

namespace Ducts.Scripting.Tests;

public class PackageTests
{
    private const int Fetching = 4004;

    [Fact]
    public async Task A_package_comes_with_what_it_needs_and_is_fetched_once()
    {
        using var home = new HandlerHome();
        var feed = new PackageFeed(home);
        feed.Add("Inner", "1.0.0", "namespace Inner { public static class Text { public static string Greet(string name) => $\"Hello, {name}\"; } }");
        feed.Add("Outer", "1.0.0", "namespace Outer { public static class Door { public static string Open(string name) => Inner.Text.Greet(name) + \"!\"; } }", dependency: "Inner");
        home.Write("evt_1000_a.cs", "#:package Outer@1.0.0\nusing Outer;\npublic class A : DuctsHandler { public string Handle() => Door.Open(\"door\"); }");
        home.Write("evt_1001_b.cs", "#:package outer@1.0.0\npublic class B : DuctsHandler { public string Handle() => Inner.Text.Greet(\"both\"); }");

        var first = await home.LoadAsync();
        var second = await home.LoadAsync(dotnet: new DotnetCommand("/nowhere/dotnet"));

        Assert.Empty(first.Problems);
        Assert.Equal("Hello, door!", HandlerHome.Call(first, "A"));
        Assert.Empty(second.Problems);
        Assert.Equal("Hello, both", HandlerHome.Call(second, "B"));
        Assert.Single(home.Log.Lines, line => line.Id == Fetching);
        Assert.Single(Directory.GetDirectories(Path.Combine(home.CacheFolder, "packages")));
    }

    [Fact]
    public async Task A_package_that_does_not_exist_costs_the_files_that_ask_for_it()
    {
        using var home = new HandlerHome();
        var feed = new PackageFeed(home);
        feed.Add("Known", "1.0.0", "public static class Known { public const string Name = \"known\"; }");
        var unknown = home.Write("evt_1000_a.cs", "// needs more\n#:package Known.Unknown@1.0.0\npublic class A : DuctsHandler;");
        var version = home.Write("evt_1001_b.cs", "#:package Known@1.0.0\npublic class B : DuctsHandler { public string Handle() => Known.Name; }");
        home.Write("evt_1002_c.cs", HandlerHome.Handler("free"));

        var set = await home.LoadAsync();

        Assert.Equal("known", HandlerHome.Call(set, "B"));
        Assert.Equal("free", HandlerHome.Call(set, "C"));
        var problem = Assert.Single(set.Problems);
        Assert.Equal((unknown, 2), (problem.Source, problem.Line));
        Assert.StartsWith("#:package Known.Unknown@1.0.0 cannot be had: NU1101: Unable to find package Known.Unknown", problem.Message, StringComparison.Ordinal);

        home.Write("evt_1001_b.cs", "#:package Known@3.0.0\npublic class B : DuctsHandler { public string Handle() => Known.Name; }");
        File.Delete(unknown);
        set = await home.LoadAsync();

        Assert.Equal(["C"], set.Candidates.Select(candidate => candidate.Key));
        problem = Assert.Single(set.Problems);
        Assert.Equal(version, problem.Source);
        Assert.StartsWith("#:package Known@3.0.0 cannot be had: NU1102", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_versions_of_one_package_are_refused_with_both_files()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", "#:package Some@1.0.0\npublic class A : DuctsHandler;");
        var second = home.Write("evt_1001_b.cs", "#:package some@2.0.0\npublic class B : DuctsHandler;");

        var set = await home.LoadAsync(dotnet: new DotnetCommand("/nowhere/dotnet"));

        Assert.Equal("asks for some 2.0.0, while evt_1000_a.cs asks for 1.0.0; all files share one version [B, 1001]",
            set.Problems.Single(problem => problem.Source == second).Message);
    }

    [Fact]
    public async Task Without_the_SDK_the_others_load_and_the_message_says_what_is_missing()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", "#:package Some@1.0.0\npublic class A : DuctsHandler;");
        home.Write("evt_1001_b.cs", HandlerHome.Handler("b"));

        var set = await home.LoadAsync(dotnet: new DotnetCommand("/nowhere/dotnet"));

        Assert.Equal("b", HandlerHome.Call(set, "B"));
        Assert.StartsWith("#:package Some@1.0.0 needs the .NET SDK, which is not installed here", Assert.Single(set.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_project_is_built_and_built_again_when_it_changes()
    {
        using var home = new HandlerHome();
        _ = new PackageFeed(home);
        var library = Path.Combine(home.Path, "lib $(1)");
        Directory.CreateDirectory(library);
        await File.WriteAllTextAsync(Path.Combine(library, "Lib.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
            </Project>
            """);
        var source = Path.Combine(library, "Lib.cs");
        home.Write("evt_1000_a.cs", "#:project ../lib $(1)\npublic class A : DuctsHandler { public string Handle() => Lib.Name; }");

        await File.WriteAllTextAsync(source, "public static class Lib { public static string Name => \"one\"; }");
        var first = await home.LoadAsync();
        await File.WriteAllTextAsync(source, "public static class Lib { public static string Name => \"other\"; }");
        var second = await home.LoadAsync();
        await File.WriteAllTextAsync(source, "public static class Lib { broken }");
        var broken = await home.LoadAsync();

        Assert.Empty(first.Problems);
        Assert.Equal("one", HandlerHome.Call(first, "A"));
        Assert.Equal("other", HandlerHome.Call(second, "A"));
        var problem = Assert.Single(broken.Problems);
        Assert.Contains($"#:project {Path.Combine(library, "Lib.csproj")} cannot be had: CS", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_process_has_already_is_not_loaded_a_second_time()
    {
        using var home = new HandlerHome();
        var feed = new PackageFeed(home);
        // The names are those of assemblies that this process has, older and newer.
        feed.Add("Ducts.Redis", "0.0.1", "namespace Ducts.Redis { public class Old; }");
        feed.Add("Ducts.MessagePack", "99.0.0", "namespace Ducts.MessagePack { public class Newer; public struct MessagePackElement; }");
        home.Write("evt_1000_a.cs", """
            #:package Ducts.Redis@0.0.1
            #:package Ducts.MessagePack@99.0.0
            public class A : DuctsHandler
            {
                public string Handle() => new Newer().GetType().Assembly.GetName().Version + " " + typeof(IRedisClient).Assembly.GetName().Version;
            }
            """);

        var set = await home.LoadAsync();

        Assert.Empty(set.Problems);
        var own = typeof(Ducts.Redis.IRedisClient).Assembly.GetName().Version;
        Assert.Equal($"99.0.0.0 {own}", HandlerHome.Call(set, "A"));
        Assert.Same(AssemblyLoadContext.Default, AssemblyLoadContext.GetLoadContext(set.Candidates[0].Type.BaseType!.Assembly));
    }
}
