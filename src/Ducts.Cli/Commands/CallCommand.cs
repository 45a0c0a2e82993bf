using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Ducts.Cli.Hosting;
using Ducts.Cli.Tls;
using Ducts.Client;

namespace Ducts.Cli.Commands;

/// <summary><c>ducts call</c>: opens a session, calls an event, prints what comes as JSON, a line for each item.</summary>
internal static class CallCommand
{
    public static Command Create(SharedOptions shared)
    {
        var key = new Argument<string>("KEY") { Description = "The event's key or id." };
        var data = new Argument<string?>("DATA")
        {
            Description = "The request's data as JSON; other text is sent as a string. - reads standard input.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var url = new Option<string?>("--url") { Description = "The server, such as http://localhost:8080/. None: the one of this folder's configuration." };
        var query = new Option<string[]>("--query") { Description = "A parameter of the session, which handlers can read; can be given several times.", HelpName = "NAME=VALUE", DefaultValueFactory = static _ => [] };
        var credentials = new CredentialOptions();
        var command = new Command("call", "Calls an event of a running server and prints the result.") { key, data, url, credentials.Token, credentials.Header, query };
        command.SetAction(async (parsed, _) =>
        {
            shared.Enter(parsed);
            using var stopping = new CancellationTokenSource();
            using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
            {
                context.Cancel = true;
                stopping.Cancel();
            });
            try
            {
                var address = ServerAddress.Find(parsed.GetValue(url), shared.Files(parsed));
                var options = CreateOptions(credentials.TokenOf(parsed), credentials.HeadersOf(parsed), parsed.GetValue(query)!);
                var request = await ReadAsync(parsed.GetValue(data), stopping.Token);
                await CallAsync(address, options, parsed.GetValue(key)!, request, parsed.InvocationConfiguration.Output, stopping.Token);
                return ExitCode.Success;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return ExitCode.Interrupted;
            }
        });
        return command;
    }

    private static DuctsClientOptions CreateOptions(string? token, IReadOnlyList<KeyValuePair<string, string>> headers, string[] query)
    {
        var options = new DuctsClientOptions { AliveMonitoring = false, OpenTimeout = TimeSpan.Zero, ReconnectTimeout = TimeSpan.FromMinutes(1) };
        if (token is not null)
        {
            options.AccessTokenProvider = _ => ValueTask.FromResult<string?>(token);
        }

        foreach (var (name, value) in headers)
        {
            options.Headers[name] = options.Headers.TryGetValue(name, out var others) ? $"{others}, {value}" : value;
        }

        foreach (var text in query)
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0 || !options.Query.TryAdd(text[..at], text[(at + 1)..]))
            {
                throw new CommandException($"--query {text}: {(at <= 0 ? "expected a name and a value, such as room=blue" : "the name is there already")}.");
            }
        }

        return options;
    }

    private static async Task CallAsync(ServerAddress address, DuctsClientOptions options, string key, JsonElement? data, TextWriter output, CancellationToken cancellationToken)
    {
        var discovery = address.Discovery;
        using var handler = PinnedCertificate.CreateHandler(address.CertificatePath);
        try
        {
            options.HttpHandler = handler;
            await using var client = await DuctsClient.ConnectAsync(discovery, options, cancellationToken);
            // A reply is a stream of one item here.
            await foreach (var item in client.StreamAsync(Select(client, key), data, cancellationToken))
            {
                await output.WriteLineAsync(item.ToString().AsMemory(), cancellationToken);
                await output.FlushAsync(cancellationToken);
            }
            await client.CloseAsync(cancellationToken);
        }
        catch (DuctsNotAuthorizedException fault) when (fault.StatusCode is not null)
        {
            throw new CommandException($"{fault.Message.TrimEnd('.')}.{(options.AccessTokenProvider is null ? " Give a token by --token or DUCTS_TOKEN; ducts token makes one." : "")}", fault);
        }
        catch (DuctsRemoteException fault)
        {
            throw new CommandException($"{fault.Name}: {fault.Message}", fault);
        }
        catch (DuctsConnectionException fault)
        {
            throw new CommandException($"{fault.Message} Is the server started, and {discovery} right?", fault);
        }
    }

    private static EventSelector Select(DuctsClient client, string key)
    {
        if (int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return id;
        var name = client.Events.ContainsKey(key) ? key : key.ToUpperInvariant();
        return client.Events.ContainsKey(name)
            ? name
            : throw new CommandException($"The server has no event {key}{Configuration.Spelling.DidYouMean(key, client.Events.Keys)}\nSee: ducts events");
    }

    private static async Task<JsonElement?> ReadAsync(string? text, CancellationToken cancellationToken)
    {
        if (text == "-")
            text = await Console.In.ReadToEndAsync(cancellationToken);
        if (string.IsNullOrWhiteSpace(text))
            return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException) when (text.TrimStart()[0] is not ('{' or '[' or '"'))
        {
            return JsonSerializer.SerializeToElement(text);
        }
        catch (JsonException fault)
        {
            throw new CommandException($"DATA is not JSON: {fault.Message}", fault);
        }
    }
}
