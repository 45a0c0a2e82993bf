using System.Buffers;
using System.Text;
using System.Text.Json;
using Ducts.Connections;
using Ducts.MessagePack;
using Ducts.Protocol;
using Ducts.Tests.Support;

namespace Ducts.Tests.Protocol;

/// <summary>The messages of version 2 are those of <c>spec/vectors/sessions.json</c>, which the TypeScript client reads, too.</summary>
public sealed class SessionVectorTests(RedisFixture redis) : ResumingTests(redis)
{
    private const int MaxDepth = 64;

    [Fact]
    public void Each_message_is_read() => ForEach(SessionVector.Messages, static vector =>
    {
        var value = vector.Value;
        switch (vector.Form)
        {
            case "hello":
                var hello = new Hello(value.GetProperty("key").GetString()!, Number(value, "received"), value.GetProperty("life").GetString(), Number(value, "attempt"));
                Assert.Equal(hello, Hello.Read(vector.Bytes));
                break;
            case "welcome":
                Assert.True(Welcome.TryRead(vector.Bytes, out var welcome));
                Assert.Equal(WelcomeOf(value), welcome);
                break;
            case "received":
                Assert.Equal(ProtocolEvents.Received, SessionMessages.ReadEventWithoutRequest(vector.Bytes, out var data));
                Assert.True(SessionMessages.TryReadReceived(data, out var received));
                Assert.Equal(Number(value, "number"), received);
                if (vector.From == "both")
                {
                    Assert.True(SessionMessages.TryReadReceived(DataOf(vector.Bytes), out received));
                    Assert.Equal(Number(value, "number"), received);
                }

                break;
            case "credit":
                Assert.Equal(ProtocolEvents.Credit, SessionMessages.ReadEventWithoutRequest(vector.Bytes, out data));
                Assert.True(SessionMessages.TryReadCredit(data, out var id, out var credit));
                Assert.Equal((value.GetProperty("id").GetString(), Number(value, "credit")), (Convert.ToHexStringLower(id), credit));
                break;
            case "refused":
                Assert.True(SessionMessages.TryReadRefused(DataOf(vector.Bytes), out var number, out var code));
                Assert.Equal((Number(value, "number"), Number(value, "code")), (number, code));
                break;
            default:
                var head = RequestHead.Read(vector.Bytes, MessagePackLimits.Default);
                Assert.Null(head.Problem);
                Assert.Equal((value.GetProperty("id").GetString(), ProtocolEvents.End), (Convert.ToHexStringLower(vector.Bytes[head.RequestId]), head.EventId));
                break;
        }
    });

    [Fact]
    public void Each_message_is_written() => ForEach(SessionVector.Messages.Where(static vector => vector.Written!.Contains("net")), static vector =>
    {
        var value = vector.Value;
        var output = new ArrayBufferWriter<byte>();
        switch (vector.Form)
        {
            case "hello":
                new Hello(value.GetProperty("key").GetString()!, Number(value, "received"), value.GetProperty("life").GetString(), Number(value, "attempt")).Write(output);
                break;
            case "welcome":
                WelcomeOf(value).Write(output);
                break;
            case "received":
                SessionMessages.WriteReceived(output, Number(value, "number"));
                break;
            case "credit":
                var id = new PackReader(Packed.Hex(value.GetProperty("id").GetString()!));
                Assert.Equal(MessagePackStatus.Ok, id.TryReadInt64(out var requestId));
                SessionMessages.WriteCredit(output, requestId, (int)Number(value, "credit"));
                break;
            case "refused":
                SessionMessages.WriteRefused(output, Number(value, "number"), (int)Number(value, "code"));
                break;
            default:
                Assert.Fail("The server does not write it so.");
                break;
        }

        Assert.Equal(vector.Hex, Convert.ToHexStringLower(output.WrittenSpan));
    });

    [Fact]
    public void Each_message_is_the_same_in_text() => ForEach(SessionVector.Messages.Where(static vector => vector.Text is not null), static vector =>
    {
        var output = new ArrayBufferWriter<byte>();
        if (vector.From != "server")
        {
            Assert.Null(JsonForm.ReadRequest(Encoding.UTF8.GetBytes(vector.Text!), MaxDepth, output));
            Assert.Equal(vector.Hex, Convert.ToHexStringLower(output.WrittenSpan));
        }

        if (vector.From != "client")
        {
            output.ResetWrittenCount();
            JsonForm.WriteText(vector.Bytes, output);
            Assert.Equal(vector.Text, Encoding.UTF8.GetString(output.WrittenSpan));
        }
    });

    [Fact]
    public void What_is_malformed_is_not_taken() => ForEach(SessionVector.Malformed.Where(static vector => vector.From != "client"), static vector =>
    {
        var isTaken = vector.Form switch
        {
            "welcome" => Welcome.TryRead(vector.Bytes, out _),
            "received" => SessionMessages.TryReadReceived(DataOf(vector.Bytes), out _),
            "refused" => SessionMessages.TryReadRefused(DataOf(vector.Bytes), out _, out _),
            _ => throw new InvalidOperationException(vector.Form),
        };
        Assert.False(isTaken);
    });

    [Fact]
    public async Task Each_HELLO_is_answered_or_refused()
    {
        await StartAsync();
        foreach (var vector in SessionVector.Malformed.Where(static vector => vector.Form == "hello"))
        {
            var wire = await ConnectAsync(Issued.Path);
            var (opcode, message) = vector.WithKey(Issued.Key);
            await wire.SendFrameAsync(opcode, message);
            Assert.Equal($"{vector} close 1002 the first message is not HELLO", $"{vector} {await wire.ReceiveAsync()}");
        }

        Assert.Equal(0, Server.Registry.Count);
        foreach (var vector in SessionVector.Messages.Where(static vector => vector.Form == "hello"))
        {
            foreach (var form in vector.Text is null ? new[] { vector } : [vector, vector with { Hex = null }])
            {
                Issued = await Server.IssueAsync();
                var wire = await ConnectAsync(Issued.Path);
                var (opcode, message) = form.WithKey(Issued.Key);
                await wire.SendFrameAsync(opcode, message);
                var answer = await wire.ReceiveAsync();
                // A life that is not the session's is over.
                var isLost = vector.Value.GetProperty("life").GetString() is not null ? "true" : "false";
                Assert.Matches($$"""^(text .*"data":|\[null,8,)\{"received":0,"life":"\w+","lost":{{isLost}}\}.$""", answer);
                Assert.Equal(form.Hex is null, answer.StartsWith("text", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task What_is_malformed_is_ignored_and_counts_where_it_has_a_number()
    {
        var client = await OpenAsync();
        var ignored = SessionVector.Malformed.Where(static vector => vector.From != "server" && vector.Form != "hello").ToArray();
        foreach (var vector in ignored)
            await client.Wire.SendBinaryAsync(vector.Bytes);
        Assert.Equal("[1,1000,\"next\"]", await client.CallAsync("[1,1000,\"next\"]"));
        var next = await ResumeAsync(1, client.Life, 2);
        Assert.Equal(ignored.Count(static vector => vector.Form == "credit") + 1, next.Received);
    }

    [Fact]
    public async Task Each_END_is_answered()
    {
        var ends = SessionVector.Messages.Where(static vector => vector.Form == "end").ToArray();
        var answers = SessionVector.Messages.Where(static vector => vector.Form == "ended").ToArray();
        await StartAsync();
        foreach (var (end, answer) in ends.Zip(answers))
        {
            Issued = await Server.IssueAsync();
            var client = await ResumeAsync();
            await client.Wire.SendBinaryAsync(end.Bytes);
            var (opcode, bytes) = await client.Wire.ReceiveBytesAsync();
            Assert.Equal((Opcode.Binary, answer.Hex), (opcode, Convert.ToHexStringLower(bytes)));
            Assert.Equal("close 1000 ended", await client.ReceiveAsync());

            Issued = await Server.IssueAsync();
            client = await ResumeAsync();
            await client.Wire.SendTextAsync(end.Text!);
            Assert.Equal("text " + answer.Text, await client.ReceiveAsync());
        }
    }

    private static Welcome WelcomeOf(JsonElement value) => new(Number(value, "received"), value.GetProperty("life").GetString()!, value.GetProperty("lost").GetBoolean());

    private static long Number(JsonElement value, string name) => value.GetProperty(name).GetInt64();

    private static MessagePackElement DataOf(byte[] message)
    {
        Assert.Equal(MessagePackStatus.Ok, MessagePackElement.TryParse(message, out var element));
        Assert.True(ReplyMessage.TryRead(element, out var parts));
        Assert.True(parts.RequestId.IsNil);
        return parts.Data;
    }

    private static void ForEach(IEnumerable<SessionVector> vectors, Action<SessionVector> check)
    {
        var count = 0;
        foreach (var vector in vectors)
        {
            try
            {
                check(vector);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{vector}: {exception.Message}", exception);
            }

            count++;
        }

        Assert.True(count > 0);
    }
}
