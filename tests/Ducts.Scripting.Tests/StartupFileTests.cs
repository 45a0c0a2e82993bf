using Ducts.Handlers;
using Ducts.Scripting.Packages;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Scripting.Tests;

public class StartupFileTests
{
    private const int Compiled = 4001;
    private const int FoundCompiled = 4002;
    private const int StartupChanged = 4012;
    private const int StartupNotRun = 4013;

    private const string Clock = """
        using Microsoft.AspNetCore.Builder;

        public static class Startup
        {
            public static void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton(new Clock("noon"));
        }

        public sealed record Clock(string Time);
        """;

    private const string Reader = "public class A(Clock clock) : DuctsHandler { public string Handle() => clock.Time; }";

    [Fact]
    public async Task The_method_of_the_file_gets_the_builder()
    {
        using var home = new HandlerHome();
        home.Write("startup.cs", Clock);
        var builder = WebApplication.CreateEmptyBuilder(new());

        var startup = await home.LoadStartupAsync();
        startup.Configure(builder);

        Assert.Empty(startup.Problems);
        var clock = Assert.Single(builder.Services, service => service.ServiceType.Assembly == startup.Assembly);
        Assert.Equal("Clock { Time = noon }", clock.ImplementationInstance!.ToString());
    }

    [Fact]
    public async Task Handlers_take_the_types_that_the_file_defines()
    {
        using var home = new HandlerHome();
        home.Write("startup.cs", Clock);
        home.Write("evt_1000_a.cs", Reader);

        var startup = await home.LoadStartupAsync();
        var set = await home.LoadAsync(startup: startup);

        Assert.Empty(set.Problems);
        Assert.Equal("noon", Call(set, startup));
    }

    [Fact]
    public async Task What_was_compiled_is_found_again_without_the_compiler()
    {
        using var home = new HandlerHome();
        home.Write("startup.cs", Clock);
        home.Write("evt_1000_a.cs", Reader);
        await home.LoadAsync(startup: await home.LoadStartupAsync());
        var compiled = home.Log.Lines.Count(static line => line.Id == Compiled);

        await home.LoadAsync(startup: await home.LoadStartupAsync());
        var probe = await Probe.StartAsync(home.Path);

        Assert.Equal(2, compiled);
        Assert.Equal(2, home.Log.Lines.Count(static line => line.Id == Compiled));
        Assert.Equal(2, home.Log.Lines.Count(static line => line.Id == FoundCompiled));
        Assert.Equal(["A"], probe.Keys);
        Assert.Empty(probe.CompilerAssemblies);
    }

    [Fact]
    public async Task A_changed_startup_file_compiles_the_handlers_anew()
    {
        using var home = new HandlerHome();
        home.Write("startup.cs", Clock);
        home.Write("evt_1000_a.cs", Reader);
        await home.LoadAsync(startup: await home.LoadStartupAsync());

        home.Write("startup.cs", Clock.Replace("Time", "Hour", StringComparison.Ordinal));
        var set = await home.LoadAsync(startup: await home.LoadStartupAsync());

        Assert.Contains("CS1061", Assert.Single(set.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reloaded_handlers_keep_the_types_of_the_file()
    {
        using var home = new HandlerHome();
        home.Write("startup.cs", Clock);
        home.Write("evt_1000_a.cs", Reader);
        var startup = await home.LoadStartupAsync();
        await using var source = home.Open(reload: true, startup: startup);
        var before = await source.LoadAsync(CancellationToken.None);

        home.Write("evt_1000_a.cs", Reader.Replace("clock.Time", "clock.Time + \"!\"", StringComparison.Ordinal));
        var after = await source.LoadAsync(CancellationToken.None);

        Assert.NotSame(before.Candidates[0].Type, after.Candidates[0].Type);
        Assert.Equal(("noon", "noon!"), (Call(before, startup), Call(after, startup)));
    }

    [Fact]
    public async Task A_change_of_the_file_is_told_and_loads_no_handlers()
    {
        using var home = new HandlerHome();
        home.Write("startup.cs", Clock);
        home.Write("evt_1000_a.cs", Reader);
        await using var source = home.Open(reload: true, startup: await home.LoadStartupAsync());
        await source.LoadAsync(CancellationToken.None);
        var token = source.Watch()!;

        home.Write("startup.cs", Clock + "\n");
        await Until(() => home.Log.Lines.Any(static line => line.Id == StartupChanged));
        Assert.False(token.HasChanged);
        home.Write("evt_1000_a.cs", Reader + "\n");
        await Until(() => token.HasChanged);

        Assert.Equal("startup.cs changed; restart the server to apply it", Assert.Single(home.Log.Lines, static line => line.Id == StartupChanged).Text);
    }

    [Fact]
    public async Task A_file_that_comes_later_is_told()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        await using var source = home.Open(reload: true, startup: await home.LoadStartupAsync());
        await source.LoadAsync(CancellationToken.None);
        source.Watch();

        home.Write("startup.cs", Clock);

        await Until(() => home.Log.Lines.Any(static line => line.Id == StartupChanged));
    }

    [Theory]
    [InlineData("public static class S\n{\n    public static void Configure(WebApplicationBuilder builder) => builder.Nothing();\n}", 4, 76, "CS1061")]
    [InlineData("public static class S {", 2, 24, "CS1513")]
    [InlineData("public static class S;", 1, 1, "the file has no method 'public static void Configure(WebApplicationBuilder builder)'")]
    [InlineData("public static class S\n{\n    public static void Configure(IServiceCollection services) { }\n}", 4, 24, "the server runs 'public static void Configure(WebApplicationBuilder builder)', and this method differs")]
    [InlineData("public static class S { public static async Task Configure(WebApplicationBuilder builder) => await Task.Yield(); }", 2, 50, "it must return void and not be async")]
    [InlineData("public static class S { public static async void Configure(WebApplicationBuilder builder) => await Task.Yield(); }", 2, 50, "it must return void and not be async")]
    [InlineData("public class S { public void Configure(WebApplicationBuilder builder) { } }", 2, 30, "it is not static")]
    [InlineData("public static class S<T> { public static void Configure(WebApplicationBuilder builder) { } }", 2, 47, "S<T> has type parameters")]
    [InlineData("static class S { static void Configure(WebApplicationBuilder b) { } }\nstatic class T { static void Configure(WebApplicationBuilder b) { } }", 3, 30, "the file has 2 methods that could be run (S.Configure, T.Configure); keep one")]
    public async Task What_cannot_be_run_is_explained_where_it_stands(string text, int line, int column, string reason)
    {
        using var home = new HandlerHome();
        var path = home.Write("startup.cs", "using Microsoft.AspNetCore.Builder;\n" + text);

        var startup = await home.LoadStartupAsync();
        var again = await home.LoadStartupAsync();

        Assert.Null(startup.Assembly);
        var problem = Assert.Single(startup.Problems);
        Assert.Equal((path, line, column), (problem.Source, problem.Line, problem.Column));
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
        Assert.Equal(startup.Problems, again.Problems);
    }

    [Fact]
    public async Task Other_methods_of_the_name_are_the_files_own()
    {
        using var home = new HandlerHome();
        home.Write("startup.cs", """
            using Microsoft.AspNetCore.Builder;
            using Microsoft.Extensions.Options;

            file static class Startup
            {
                internal static void Configure(WebApplicationBuilder builder) => builder.Services.ConfigureOptions<Setup>();
            }

            file sealed class Setup : IConfigureOptions<DuctsOptions>
            {
                public void Configure(DuctsOptions options) => options.Event.Strict = true;
            }
            """);
        var builder = WebApplication.CreateEmptyBuilder(new());

        var startup = await home.LoadStartupAsync();
        startup.Configure(builder);

        Assert.Empty(startup.Problems);
        Assert.NotEmpty(builder.Services);
    }

    [Fact]
    public async Task A_method_that_throws_is_told_with_its_line()
    {
        using var home = new HandlerHome();
        var path = home.Write("startup.cs", """
            using Microsoft.AspNetCore.Builder;

            public static class Startup
            {
                public static void Configure(WebApplicationBuilder builder)
                {
                    _ = int.Parse("none");
                }
            }
            """);
        var startup = await home.LoadStartupAsync();

        var fault = Assert.Throws<StartupException>(() => startup.Configure(WebApplication.CreateEmptyBuilder(new())));

        Assert.Equal($"{path}(7): Configure failed: FormatException: The input string 'none' was not in a correct format.", fault.Message);
        Assert.IsType<FormatException>(fault.InnerException);
    }

    [Fact]
    public async Task Without_the_file_nothing_is_run()
    {
        using var home = new HandlerHome();
        home.Write("sub/startup.cs", "class Helper;");
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        var builder = WebApplication.CreateEmptyBuilder(new());
        var before = builder.Services.Count;

        var startup = await home.LoadStartupAsync();
        startup.Configure(builder);
        var set = await home.LoadAsync(startup: startup);

        Assert.Empty(startup.Problems);
        Assert.Null(startup.Assembly);
        Assert.Equal(before, builder.Services.Count);
        Assert.Empty(set.Problems);
        Assert.DoesNotContain(home.Log.Lines, static line => line.Id == StartupNotRun);
    }

    [Fact]
    public async Task Its_name_is_known_in_any_case_and_two_of_them_are_a_problem()
    {
        using var home = new HandlerHome();
        home.Write("Startup.cs", Clock);
        Assert.NotNull((await home.LoadStartupAsync()).Assembly);

        var second = home.Write("startup.cs", Clock);
        if (Directory.GetFiles(home.Handlers).Length == 2)
        {
            var problem = Assert.Single((await home.LoadStartupAsync()).Problems);
            Assert.Equal(second, problem.Source);
            Assert.EndsWith("in case only; keep one of them", problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_host_that_does_not_run_the_file_leaves_it_alone_and_says_so_once()
    {
        using var home = new HandlerHome();
        var path = home.Write("startup.cs", "this does not compile");
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        await using var source = home.Open();

        var set = await source.LoadAsync(CancellationToken.None);
        await source.LoadAsync(CancellationToken.None);

        Assert.Empty(set.Problems);
        Assert.Equal("a", HandlerHome.Call(set, "A"));
        Assert.StartsWith($"{path} is neither compiled nor run", Assert.Single(home.Log.Lines, static line => line.Id == StartupNotRun).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_packages_are_the_handlers_too()
    {
        using var home = new HandlerHome();
        var feed = new PackageFeed(home);
        feed.Add("Inner", "1.0.0", "namespace Inner { public class Text { public string Value = \"inner\"; } }");
        feed.Add("Outer", "1.0.0", "namespace Outer { public class Door { public Inner.Text Text = new(); } }", dependency: "Inner");
        feed.Add("Other", "1.0.0", "namespace Other { public static class Reader { public static string Read(Inner.Text text) => text.Value; } }", dependency: "Inner");
        home.Write("startup.cs", """
            #:package Outer@1.0.0
            using Microsoft.AspNetCore.Builder;
            public static class Startup
            {
                public static Outer.Door Door = new();
                public static void Configure(WebApplicationBuilder builder) { }
            }
            """);
        home.Write("evt_1000_a.cs", "public class A : DuctsHandler { public string Handle() => Startup.Door.Text.Value; }");
        home.Write("evt_1001_b.cs", "#:package outer@1.0.0\npublic class B : DuctsHandler { public string Handle() => Startup.Door.Text.Value + \"!\"; }");
        var other = home.Write("evt_1002_c.cs", "#:package Outer@2.0.0\npublic class C : DuctsHandler;");

        var startup = await home.LoadStartupAsync();
        var set = await home.LoadAsync(new DotnetCommand("/nowhere/dotnet"), startup);

        Assert.Empty(startup.Problems);
        Assert.Equal("inner", HandlerHome.Call(set, "A"));
        Assert.Equal("inner!", HandlerHome.Call(set, "B"));
        var problem = Assert.Single(set.Problems);
        Assert.Equal((other, "asks for Outer 2.0.0, while startup.cs asks for 1.0.0; all files share one version [C, 1002]"), (problem.Source, problem.Message));

        // A package of a handler's own shares what it needs with the startup file.
        home.Write("evt_1002_c.cs", "#:package Other@1.0.0\npublic class C : DuctsHandler { public string Handle() => Other.Reader.Read(Startup.Door.Text); }");
        set = await home.LoadAsync(startup: startup);

        Assert.Empty(set.Problems);
        Assert.Equal("inner", HandlerHome.Call(set, "C"));
    }

    [Fact]
    public async Task The_servers_services_bring_it_to_the_handlers_of_its_folder_alone()
    {
        using var home = new HandlerHome();
        home.Write("startup.cs", Clock);
        home.Write("evt_1000_a.cs", Reader);
        var startup = await home.LoadStartupAsync();
        var services = new ServiceCollection().AddLogging().AddSingleton(startup);
        services.Configure<DuctsOptions>(options => options.Common.DuctsHome = home.Path);
        new Builder(services).AddHandlerFolder(home.Handlers + "/").AddHandlerFolder("another");
        home.Write("../another/evt_1001_b.cs", Reader);
        await using var provider = services.BuildServiceProvider();

        var sources = provider.GetServices<IHandlerSource>().ToArray();
        var own = await sources[0].LoadAsync(CancellationToken.None);
        var another = await sources[1].LoadAsync(CancellationToken.None);

        Assert.Equal("noon", Call(own, startup));
        Assert.Contains("CS0246", another.Problems[0].Message, StringComparison.Ordinal);
    }

    private static object? Call(HandlerSet set, LoadedStartup startup)
    {
        var clock = Activator.CreateInstance(startup.Assembly!.GetType("Clock")!, "noon");
        var type = set.Candidates.Single().Type;
        return type.GetMethod("Handle")!.Invoke(Activator.CreateInstance(type, clock), []);
    }

    private static async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private sealed record Builder(IServiceCollection Services) : IDuctsBuilder;
}
