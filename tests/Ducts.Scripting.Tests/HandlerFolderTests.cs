using System.Diagnostics;
using Ducts.Handlers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ducts.Scripting.Tests;

public class HandlerFolderTests
{
    [Fact]
    public async Task A_file_gives_a_handler_with_the_id_and_key_of_its_name()
    {
        using var home = new HandlerHome();
        var path = home.Write("evt_1000_my_sample_test.cs", """
            public class MySampleTest : DuctsHandler
            {
                public string Handle(string name) => $"Hello, {name}!";
            }
            """);

        var set = await home.LoadAsync();

        Assert.Empty(set.Problems);
        var candidate = Assert.Single(set.Candidates);
        Assert.Equal((1000, "MY_SAMPLE_TEST", path), (candidate.Id, candidate.Key, candidate.Source));
        Assert.Equal("MySampleTest", candidate.Type.Name);
        Assert.True(candidate.Type.IsSubclassOf(typeof(DuctsHandler)));
    }

    [Fact]
    public async Task Handlers_come_by_id_from_subfolders_too_and_share_helpers()
    {
        using var home = new HandlerHome();
        home.Write("evt_2000_late.cs", "public class Late : DuctsHandler { public string Handle() => Shared.Greet(\"late\"); }");
        home.Write("sub/deep/evt_1500_early.cs", "namespace My.Deep; public class Early : DuctsHandler { public string Handle() => Shared.Greet(\"early\"); }");
        home.Write("helper_shared.cs", "static class Shared { public static string Greet(string name) => $\"Hello, {name}\"; }");

        var set = await home.LoadAsync();

        Assert.Empty(set.Problems);
        Assert.Equal(["EARLY", "LATE"], set.Candidates.Select(candidate => candidate.Key));
        Assert.Equal("My.Deep.Early", set.Candidates[0].Type.FullName);
        Assert.Equal("Hello, early", HandlerHome.Call(set, "EARLY"));
    }

    [Fact]
    public async Task Two_file_classes_of_one_name_are_two_handlers()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        home.Write("evt_1001_b.cs", HandlerHome.Handler("b"));
        home.Write("evt_1002_c.cs", "namespace N { " + HandlerHome.Handler("c") + " }");

        var set = await home.LoadAsync();

        Assert.Empty(set.Problems);
        Assert.Equal(["a", "b", "c"], set.Candidates.Select(candidate => HandlerHome.Call(set, candidate.Key)));
    }

    [Fact]
    public async Task An_attribute_on_the_class_overrides_the_key()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", "[EventKey(\"OTHER\")] public class A : DuctsHandler;");
        home.Write("evt_1001.cs", "[EventKey(\"NAMELESS\")] public class B : DuctsHandler;");

        var set = await home.LoadAsync();

        Assert.Equal(["OTHER", "NAMELESS"], set.Candidates.Select(candidate => candidate.Key));
    }

    [Fact]
    public async Task The_usual_namespaces_are_imported()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", """
            public class A([FromServices] ILogger<A> logger, IConfiguration configuration) : DuctsHandler
            {
                public async IAsyncEnumerable<string> HandleAsync(IRedisClient redis, HttpContext context, ClaimsPrincipal user, [EnumeratorCancellation] CancellationToken token)
                {
                    var channel = Channel.CreateUnbounded<int>();
                    List<MessagePackElement> elements = new[] { default(MessagePackElement) }.ToList();
                    logger.LogInformation("{Count} {User}", elements.Count, user.Identity);
                    await Task.Delay(1, token);
                    yield return JsonSerializer.Serialize(Encoding.UTF8.GetBytes(Path.GetTempPath() + configuration["x"]));
                    yield return manager?.Services.GetRequiredService<HttpClient>().ToString() ?? "";
                }

                private IHandlerManager? manager;

                public override HandlerSpec Setup(HandlerSpec spec, IHandlerManager given)
                {
                    manager = given;
                    return spec;
                }
            }
            """);

        var set = await home.LoadAsync();

        Assert.Empty(set.Problems);
        Assert.Single(set.Candidates);
    }

    [Fact]
    public async Task Groups_need_no_using()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", """
            public class A(IGroupCollection groups, IUserCollection users) : DuctsHandler
            {
                public IAsyncEnumerable<GroupChange> Handle() => groups["room"].FollowAsync();

                public override async Task HandleConnectedAsync(IEventSession session, CancellationToken cancellationToken) =>
                    await session.Groups.AddAsync("room", cancellationToken);

                public override async Task RunAsync(IHandlerManager manager, CancellationToken stopping)
                {
                    IGroup group = manager.Groups["room"];
                    await foreach (GroupMember member in group.MembersAsync(stopping))
                        await users[member.Subject ?? "nobody"].PushAsync("A", member, PushMode.SkipSlow, stopping);
                    await group.PushAsync("A", await group.CountAsync(stopping), stopping);
                }
            }
            """);

        var set = await home.LoadAsync();

        Assert.Empty(set.Problems);
        Assert.Single(set.Candidates);
    }

    [Fact]
    public async Task A_stack_trace_names_file_and_line()
    {
        using var home = new HandlerHome();
        var path = home.Write("evt_1000_a.cs", """
            public class A : DuctsHandler
            {
                public string Handle()
                {
                    throw new InvalidOperationException("here");
                }
            }
            """);

        var set = await home.LoadAsync();
        var thrown = Record.Exception(() => HandlerHome.Call(set, "A"))!.InnerException!;

        var frame = new StackTrace(thrown, fNeedFileInfo: true).GetFrame(0)!;
        Assert.Equal((path, 5), (frame.GetFileName(), frame.GetFileLineNumber()));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_or_empty_gives_nothing()
    {
        using var home = new HandlerHome();
        var empty = await home.LoadAsync();
        Directory.Delete(home.Handlers);
        var missing = await home.LoadAsync();

        Assert.Empty(empty.Candidates);
        Assert.Empty(empty.Problems);
        Assert.Empty(missing.Candidates);
        Assert.Empty(missing.Problems);
    }

    [Fact]
    public async Task What_editors_and_builds_leave_in_the_folder_is_not_compiled()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        home.Write("obj/Debug/evt_1001_generated.cs", "this is not C#");
        home.Write("bin/evt_1002_copied.cs", "this is not C#");
        home.Write(".git/evt_1003_old.cs", "this is not C#");
        home.Write(".#evt_1000_a.cs", "this is not C#");
        home.Write("evt_1000_a.cs~", "this is not C#");

        var set = await home.LoadAsync();

        Assert.Empty(set.Problems);
        Assert.Single(set.Candidates);
    }

    [Fact]
    public async Task Linked_files_and_folders_are_followed_and_loops_are_not()
    {
        using var home = new HandlerHome();
        using var other = new HandlerHome();
        other.Write("real.cs", HandlerHome.Handler("file"));
        other.Write("shared/evt_1001_b.cs", HandlerHome.Handler("folder"));
        File.CreateSymbolicLink(Path.Combine(home.Handlers, "evt_1000_a.cs"), Path.Combine(other.Handlers, "real.cs"));
        Directory.CreateSymbolicLink(Path.Combine(home.Handlers, "linked"), Path.Combine(other.Handlers, "shared"));
        Directory.CreateSymbolicLink(Path.Combine(home.Handlers, "loop"), home.Handlers);

        var set = await home.LoadAsync();

        Assert.Empty(set.Problems);
        Assert.Equal(["file", "folder"], set.Candidates.Select(candidate => HandlerHome.Call(set, candidate.Key)));
    }

    [Fact]
    public async Task Pattern_folder_and_lowest_id_come_from_the_options()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", "public class A : DuctsHandler;");
        home.Write("do_50_b.cs", "public class B : DuctsHandler;");
        Directory.Move(home.Handlers, Path.Combine(home.Path, "elsewhere"));

        await using var source = home.Open(configure: options =>
        {
            options.Event.LocalPathHandler = "elsewhere";
            options.Event.PluginFilenamePattern = "do_*.cs";
            options.Event.MinUserHandlerId = 10;
        });
        var set = await source.LoadAsync(CancellationToken.None);

        Assert.Empty(set.Problems);
        Assert.Equal((50, "B"), (Assert.Single(set.Candidates).Id, set.Candidates[0].Key));
    }

    [Fact]
    public async Task A_server_finds_the_folder_through_its_services()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        var services = new ServiceCollection().AddLogging();
        services.Configure<DuctsOptions>(options => options.Common.DuctsHome = home.Path);
        new Builder(services).AddHandlerFolder().AddHandlerFolder("another");
        await using var provider = services.BuildServiceProvider();

        var sources = provider.GetServices<IHandlerSource>().ToArray();
        var set = await sources[0].LoadAsync(CancellationToken.None);

        Assert.Equal(2, sources.Length);
        Assert.Equal("a", HandlerHome.Call(set, "A"));
        Assert.Null(sources[0].Watch());
    }

    [Fact]
    public async Task A_load_that_is_given_up_ends_with_cancellation()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        await using var source = home.Open();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => source.LoadAsync(new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Warnings_are_logged_and_cost_nothing()
    {
        using var home = new HandlerHome();
        var path = home.Write("evt_1000_a.cs", "public class A : DuctsHandler\n{\n    public int Handle(string? text) => text.Length;\n}\n");

        var first = await home.LoadAsync();
        var second = await home.LoadAsync();

        Assert.Empty(first.Problems);
        Assert.Single(second.Candidates);
        var warnings = home.Log.Lines.Where(line => line.Level == LogLevel.Warning).Select(line => line.Text).ToArray();
        Assert.Equal(2, warnings.Length);
        Assert.All(warnings, warning => Assert.StartsWith($"{path}(3,40): warning CS8602: ", warning, StringComparison.Ordinal));
    }

    private sealed record Builder(IServiceCollection Services) : IDuctsBuilder;
}
