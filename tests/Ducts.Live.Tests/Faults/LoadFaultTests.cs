using Ducts.Client;
using Ducts.Handlers;
using Ducts.Live.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Live.Faults;

/// <summary>What may go wrong, and right, while handlers are loaded.</summary>
public class LoadFaultTests
{
    private const int Refused = 1200;
    private const int KeptPrevious = 1205;

    private const string Hello = """
        public class Hello : DuctsHandler
        {
            public string Handle() => "Hello!";
        }
        """;

    [Fact]
    public async Task What_cannot_be_loaded_is_refused_with_its_reason_and_the_others_answer()
    {
        await using var server = new LiveServer();
        server.Write("evt_1000_hello.cs", Hello);
        server.Write("evt_1001_bad_setup.cs", """
            public class BadSetup : DuctsHandler
            {
                public string Handle() => "";

                public override HandlerSpec Setup(HandlerSpec spec, IHandlerManager manager) => throw new InvalidOperationException("no set-up today");
            }
            """);
        server.Write("evt_1002_bad_constructor.cs", """
            public class BadConstructor : DuctsHandler
            {
                public BadConstructor() => throw new InvalidOperationException("no making today");

                public string Handle() => "";
            }
            """);
        server.Write("evt_1003_unknown_service.cs", """
            public class UnknownService(Uri uri) : DuctsHandler
            {
                public string Handle() => uri.ToString();
            }
            """);
        server.Write("evt_1004_no_handle.cs", "public class NoHandle : DuctsHandler { }");
        server.Write("evt_1000_twin.cs", """public class Twin : DuctsHandler { public string Handle() => "twin"; }""");
        server.Write("evt_10_low.cs", """public class Low : DuctsHandler { public string Handle() => "low"; }""");
        await server.StartAsync();
        var client = await server.ConnectAsync();
        var problems = server.Log.Texts(Refused);

        Assert.Equal("Hello!", await client.CallAsync<string>("HELLO"));
        Assert.Equal(["HELLO"], client.Events.Where(static entry => entry.Value >= 1000).Select(static entry => entry.Key));
        Assert.Contains(problems, static problem => problem.Contains("evt_1001_bad_setup.cs: its Setup failed", StringComparison.Ordinal) && problem.Contains("no set-up today", StringComparison.Ordinal));
        Assert.Contains(problems, static problem => problem.Contains("evt_1002_bad_constructor.cs: its constructor failed: no making today", StringComparison.Ordinal));
        Assert.Contains(problems, static problem => problem.Contains("evt_1003_unknown_service.cs", StringComparison.Ordinal) && problem.Contains("System.Uri", StringComparison.Ordinal));
        Assert.Contains(problems, static problem => problem.Contains("evt_1004_no_handle.cs", StringComparison.Ordinal));
        Assert.Contains(problems, static problem => problem.Contains("evt_1000_twin.cs", StringComparison.Ordinal) && problem.Contains("evt_1000_hello.cs", StringComparison.Ordinal));
        Assert.Contains(problems, static problem => problem.Contains("evt_10_low.cs", StringComparison.Ordinal) && problem.Contains("1000", StringComparison.Ordinal));
        Assert.Equal(6, problems.Length);
    }

    [Fact]
    public async Task With_strict_a_handler_that_cannot_be_loaded_fails_the_start()
    {
        await using var server = new LiveServer();
        server.Write("evt_1000_hello.cs", Hello);
        var broken = server.Write("evt_1001_broken.cs", "public class Broken : DuctsHandler {");

        var thrown = await Assert.ThrowsAsync<HandlerLoadException>(() => server.StartAsync(static options => options.Event.Strict = true));

        Assert.Contains(broken, thrown.Message, StringComparison.Ordinal);
        Assert.Contains("CS1513", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_whose_Setup_disables_it_is_disposed_and_no_problem()
    {
        await using var server = new LiveServer();
        server.Write("evt_1000_absent.cs", """
            public class Absent(IHandlerManager manager) : DuctsHandler, IDisposable
            {
                public string Handle() => "";

                public override HandlerSpec Setup(HandlerSpec spec, IHandlerManager manager)
                {
                    spec.IsEnabled = false;
                    return spec;
                }

                public void Dispose() => manager.ServerAttributes["absent"] = "disposed";
            }
            """);
        await server.StartAsync(static options => options.Event.Strict = true);
        var client = await server.ConnectAsync();

        Assert.DoesNotContain("ABSENT", client.Events.Keys);
        Assert.StartsWith("KeyError", (await Assert.ThrowsAsync<DuctsRemoteException>(() => client.CallAsync(1000))).Text, StringComparison.Ordinal);
        Assert.Equal("disposed", server.Services.GetRequiredService<IHandlerManager>().ServerAttributes["absent"]);
    }

    [Fact]
    public async Task A_handler_whose_Setup_gives_null_is_refused_and_told_how_to_say_no()
    {
        await using var server = new LiveServer();
        server.Write("evt_1000_absent.cs", """
            public class Absent : DuctsHandler
            {
                public string Handle() => "";

                public override HandlerSpec Setup(HandlerSpec spec, IHandlerManager manager) => null!;
            }
            """);

        var exception = await Assert.ThrowsAsync<HandlerLoadException>(() => server.StartAsync(static options => options.Event.Strict = true));

        Assert.Contains("its Setup returned null; set IsEnabled of the spec to false", Assert.Single(exception.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handlers_get_services_sections_of_the_configuration_and_each_other_whatever_their_order()
    {
        await using var server = new LiveServer();
        server.Write("evt_1000_first.cs", """
            public class First(Second.Settings settings, ILogger<First> logger, TimeProvider time) : DuctsHandler
            {
                private Second? _second;

                public override async Task<HandlerSpec> SetupAsync(HandlerSpec spec, IHandlerManager manager, CancellationToken cancellationToken)
                {
                    await Task.Yield();
                    _second = manager.GetHandler<Second>();
                    if (manager.GetHandler("SECOND") != _second || manager.GetHandler(1001) != _second)
                        throw new InvalidOperationException("there are two of them");
                    return spec;
                }

                public string Handle()
                {
                    logger.LogInformation("asked in {Year}", time.GetUtcNow().Year);
                    return $"{settings.Name} {settings.Size} {_second!.Handle()}";
                }
            }
            """);
        server.Write("evt_1001_second.cs", """
            public class Second : DuctsHandler
            {
                public string Handle() => "second";

                [Config("evt_1001_second_config")]
                public class Settings
                {
                    public string Name { get; set; } = "unnamed";

                    public int Size { get; set; } = 7;
                }
            }
            """);
        await server.StartAsync(build: static (_, application) =>
            application.Configuration.AddInMemoryCollection([new("Ducts:evt_1001_second_config:name", "box")]));

        Assert.Equal("box 7 second", await (await server.ConnectAsync()).CallAsync<string>("FIRST"));
    }

    [Theory]
    [InlineData("""public Hello() => throw new InvalidOperationException("no making today");""", "no making today")]
    [InlineData("""public override HandlerSpec Setup(HandlerSpec spec, IHandlerManager manager) => throw new InvalidOperationException("no set-up today");""", "no set-up today")]
    [InlineData("""[WebApi("GET", "{")] public string Get() => "";""", "WebApi")]
    public async Task A_change_that_cannot_be_loaded_keeps_the_earlier_handlers(string fault, string reason)
    {
        await using var server = new LiveServer();
        server.Write("evt_1000_hello.cs", Hello);
        server.Write("evt_1001_other.cs", """public class Other : DuctsHandler { public int Handle() => 1; }""");
        await server.StartAsync(static options => options.Event.Reload = true);
        var client = await server.ConnectAsync();

        server.Write("evt_1000_hello.cs", Hello.Replace("public string", fault + "\npublic string", StringComparison.Ordinal));
        await Until.TrueAsync(() => server.Log.Texts(KeptPrevious).Length == 1, "the change is refused");

        Assert.Contains(server.Log.Texts(Refused), problem => problem.Contains(reason, StringComparison.Ordinal));
        Assert.Equal("Hello!", await client.CallAsync<string>("HELLO"));
        Assert.Equal(1, await client.CallAsync<int>("OTHER"));
        server.Write("evt_1000_hello.cs", Hello.Replace("Hello!", "Mended!", StringComparison.Ordinal));
        await Until.TrueAsync(async () => await client.CallAsync<string>("HELLO") == "Mended!", "the mended handler answers");
    }
}
