using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Ducts.Cli.Hosting;
using Ducts.Cli.Tls;

namespace Ducts.Cli.Commands;

/// <summary><c>ducts events</c>: the events of a server, as a table.</summary>
internal static class EventsCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Command Create(SharedOptions shared)
    {
        var url = new Argument<string?>("URL")
        {
            Description = "The server, such as http://localhost:8080/. None: the one of this folder's configuration.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var credentials = new CredentialOptions();
        var command = new Command("events", "Prints the events of a running server that the user may call.") { url, credentials.Token, credentials.Header };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            shared.Enter(parsed);
            var address = ServerAddress.Find(parsed.GetValue(url), shared.Files(parsed));
            using var request = new HttpRequestMessage(HttpMethod.Get, address.Events);
            if (credentials.TokenOf(parsed) is { } token)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            foreach (var (name, value) in credentials.HeadersOf(parsed))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            await PrintAsync(address, request, parsed.InvocationConfiguration.Output, cancellationToken);
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task PrintAsync(ServerAddress address, HttpRequestMessage request, TextWriter output, CancellationToken cancellationToken)
    {
        var url = address.Events;
        string[] head = ["ID", "KEY", "ANSWER", "DESCRIPTION"];
        List<string[]> rows = [head];
        try
        {
            using var client = new HttpClient(PinnedCertificate.CreateHandler(address.CertificatePath)) { Timeout = Patience };
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            answer.EnsureSuccessStatusCode();
            await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            using var document = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
            foreach (var entry in document.RootElement.EnumerateArray())
                rows.Add(Row(entry));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new CommandException($"{url} is not the event list of a Ducts server: {e.Message}", e);
        }
        catch (HttpRequestException e)
        {
            throw new CommandException($"{url} cannot be read: {e.Message.TrimEnd('.')}. Is the server started, and the address right?", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException($"{url} did not answer within {Patience.TotalSeconds:0} s.", e);
        }
        var widths = Enumerable.Range(0, head.Length - 1).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            await output.WriteLineAsync($"{row[0].PadLeft(widths[0])}  {row[1].PadRight(widths[1])}  {row[2].PadRight(widths[2])}  {row[3]}".TrimEnd().AsMemory(), cancellationToken);
    }

    private static string[] Row(JsonElement entry) =>
    [
        entry.GetProperty("id").GetInt32().ToString(CultureInfo.InvariantCulture),
        Clean(entry.GetProperty("key").GetString()),
        entry.GetProperty("callback").GetBoolean() ? "stream" : "reply",
        entry.TryGetProperty("description", out var description) ? Clean(description.GetString()) : "",
    ];

    /// <summary>Replaces control characters with spaces, so that a server's text cannot control the terminal.</summary>
    private static string Clean(string? text) =>
        string.Concat((text ?? "").Select(static c => char.IsControl(c) ? ' ' : c));
}
