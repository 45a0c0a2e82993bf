using Ducts.Connections;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Tests.Protocol;

public sealed class MessageTests(RedisFixture redis)
{
    [Theory]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("4294967295")]
    [InlineData("18446744073709551615")]
    [InlineData("1.5")]
    [InlineData("\"\"")]
    [InlineData("\"id \u00e9\"")]
    [InlineData("[1,[2,[null]]]")]
    [InlineData("{\"a\":{\"b\":1}}")]
    public async Task A_request_id_of_any_type_is_echoed(string id)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        Assert.Equal($"[{id},1000,5]", await client.CallAsync($"[{id},1000,5]"));
        Assert.Equal($"[{id},-1002000,\"KeyError('no event 1002000')\"]", await client.CallAsync($"[{id},1002000,5]"));
        await client.SendTextAsync($"{{\"request_id\":{id},\"event_id\":1000,\"data\":5}}");
        Assert.Equal($"text {{\"request_id\":{id},\"event_id\":1000,\"data\":5}}", await client.ReceiveAsync());
    }

    [Theory]
    [InlineData("c4 03 010203")] // bin
    [InlineData("d4 05 07")] // fixext1
    [InlineData("c7 03 05 010203")] // ext8
    [InlineData("cd 0001")] // an integer that is not in its smallest form
    [InlineData("ca 3fc00000")] // float32
    [InlineData("a3 ff feff")] // a string that is no UTF-8
    public async Task A_request_id_keeps_its_very_bytes(string hex)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();
        var id = Packed.Hex(hex);

        await client.SendBinaryAsync((byte[])[0x93, .. id, 0xcd, 0x03, 0xe8, 0x05]);
        var (_, reply) = await client.ReceiveBytesAsync();

        Assert.Equal((byte[])[0x93, .. id, 0xcd, 0x03, 0xe8, 0x05], reply);
    }

    [Theory]
    [InlineData("1000")]
    [InlineData("1000.0")]
    [InlineData("\"1000\"")]
    public async Task An_event_id_may_be_an_integer_or_a_float_or_a_string_that_holds_one(string eventId)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        Assert.Equal("[1,1000,\"x\"]", await client.CallAsync($"[1,{eventId},\"x\"]"));
        await client.SendTextAsync($"{{\"request_id\":1,\"event_id\":{eventId},\"data\":\"x\"}}");
        Assert.Equal("""text {"request_id":1,"event_id":1000,"data":"x"}""", await client.ReceiveAsync());
    }

    [Theory]
    [InlineData("[5]", "[5,-99,\"ValueError('a request has three parts, not 1')\"]")]
    [InlineData("[5,1000]", "[5,-1000,\"ValueError('a request has three parts, not 2')\"]")]
    [InlineData("[5,1000,1,2]", "[5,-1000,\"ValueError('a request has three parts, not 4')\"]")]
    [InlineData("[5,\"x\",1]", "[5,-99,\"ValueError('the event id is no integer')\"]")]
    [InlineData("[5,1.5,1]", "[5,-99,\"ValueError('the event id is no integer')\"]")]
    [InlineData("[5,null,1]", "[5,-99,\"ValueError('the event id is no integer')\"]")]
    [InlineData("[5,99999999999,1]", "[5,-99,\"ValueError('the event id is no integer')\"]")]
    [InlineData("[5,-3,1]", "[5,-99,\"ValueError('the event id is negative')\"]")]
    public async Task What_is_malformed_is_answered_and_the_socket_stays_open(string request, string answer)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        Assert.Equal(answer, await client.CallAsync(request));
        Assert.Equal("[6,1000,null]", await client.CallAsync("[6,1000,null]"));
    }

    [Theory]
    [InlineData("93 05 cd03e8 c1", "[5,-1000,\"ValueError('the message is not MessagePack')\"]")]
    [InlineData("93 05 cd03e8 92 01", "[5,-1000,\"ValueError('the message ends too early')\"]")]
    [InlineData("93 05 cd03e8 01 01", "[5,-1000,\"ValueError('bytes follow the message')\"]")]
    [InlineData("93 05 cd03e8 dd ffffffff", "[5,-1000,\"ValueError('")]
    public async Task Bytes_that_are_no_MessagePack_are_answered_where_the_id_could_be_read(string hex, string answer)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendBinaryAsync(Packed.Hex(hex));

        Assert.StartsWith(answer, await client.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("c1")]
    [InlineData("c0")]
    [InlineData("90")]
    [InlineData("81 01 02")]
    [InlineData("93 c1 01 02")]
    [InlineData("dd ffffffff")]
    public async Task Bytes_without_a_readable_id_get_no_answer_and_harm_nothing(string hex)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendBinaryAsync(Packed.Hex(hex));

        Assert.Equal("[6,1000,1]", await client.CallAsync("[6,1000,1]"));
    }

    [Theory]
    [InlineData("nonsense", null)]
    [InlineData("[1,1000,2]", null)]
    [InlineData("{}", null)]
    [InlineData("{\"event_id\":1000}", null)]
    [InlineData("{\"request_id\":5}", "text {\"request_id\":5,\"event_id\":-99,\"data\":\"ValueError('event_id is missing')\"}")]
    [InlineData("{\"request_id\":5,\"event_id\":1000} x", "text {\"request_id\":5,\"event_id\":-1000,\"data\":\"ValueError('the message is not JSON')\"}")]
    [InlineData("{\"request_id\":5,\"event_id\":1000,\"data\":[}", "text {\"request_id\":5,\"event_id\":-1000,\"data\":\"ValueError('")]
    public async Task Text_that_is_no_request_is_answered_where_the_id_could_be_read(string text, string? answer)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendTextAsync(text);
        if (answer is not null)
            Assert.StartsWith(answer, await client.ReceiveAsync(), StringComparison.Ordinal);

        Assert.Equal("[6,1000,1]", await client.CallAsync("[6,1000,1]"));
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData("\"\\ud83d\"", "\"\ufffd\"")]
    [InlineData("[\"a\\udc00b\",{\"\\ud83d\":1}]", "[\"a\ufffdb\",{\"\ufffd\":1}]")]
    [InlineData("1,\"\\ud83d\":2", "1")]
    [InlineData("1,\"event_i\\ud83d\":2", "1")]
    public async Task Half_an_emoji_in_text_is_a_replacement_character_as_in_MessagePack(string data, string answer)
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.MalformedLimit = 0);
        await using var client = await server.OpenAsync();

        for (var i = 0; i < 20; i++)
        {
            await client.SendTextAsync($"{{\"\\u0072equest_id\":{i},\"event_id\":1000,\"data\":{data}}}");
            Assert.Equal($"text {{\"request_id\":{i},\"event_id\":1000,\"data\":{answer}}}", await client.ReceiveAsync());
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"abc\"")]
    [InlineData("-5")]
    [InlineData("1.5")]
    [InlineData("[1000]")]
    [InlineData("99999999999")]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("3")]
    [InlineData("4")]
    [InlineData("5")]
    [InlineData("99")]
    [InlineData("1002000")]
    public async Task A_call_of_no_event_fails_and_does_not_count_as_malformed(string eventId)
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.MalformedLimit = 0);
        await using var client = await server.OpenAsync();
        var error = eventId == "1002000" ? "-1002000" : "-99";

        for (var i = 0; i < 20; i++)
        {
            Assert.StartsWith($"[{i},{error},\"", await client.CallAsync($"[{i},{eventId},null]"), StringComparison.Ordinal);
            await client.SendTextAsync($"{{\"request_id\":{i},\"event_id\":{eventId}}}");
            Assert.StartsWith($"text {{\"request_id\":{i},\"event_id\":{error},\"data\":\"", await client.ReceiveAsync(), StringComparison.Ordinal);
        }

        // What JavaScript makes of an event id that is undefined: in MessagePack its own null, in JSON nothing.
        await client.SendBinaryAsync(Packed.Hex("93 07 d40000 c0"));
        Assert.Equal("[7,-99,\"ValueError('the event id is no integer')\"]", await client.ReceiveAsync());
        await client.SendTextAsync("""{"request_id":7,"data":null}""");
        Assert.Equal("""text {"request_id":7,"event_id":-99,"data":"ValueError('event_id is missing')"}""", await client.ReceiveAsync());
    }

    [Fact]
    public async Task No_id_that_is_kept_for_the_protocol_gets_an_answer_that_clients_take_for_a_piece_of_something()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.MalformedLimit = 0);
        await using var client = await server.OpenAsync();

        for (var id = 1; id <= 99; id++)
        {
            if (id is 6 or 10)
                continue;
            var error = id is <= 5 or 99 ? -99 : -id;
            Assert.Equal($"[\"r\",{error},\"KeyError('no event {id}')\"]", await client.CallAsync($"[\"r\",{id},null]"));
        }

        Assert.Equal("[1,6,false]", await client.CallAsync("[1,6,null]"));
    }

    [Fact]
    public async Task A_malformed_message_with_an_id_of_the_protocol_is_a_PROTOCOL_ERROR()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        for (var id = 0; id <= 5; id++)
            Assert.Equal($"[1,-99,\"ValueError('a request has three parts, not 2')\"]", await client.CallAsync($"[1,{id}]"));
        Assert.Equal("[1,-6,\"ValueError('a request has three parts, not 2')\"]", await client.CallAsync("[1,6]"));
    }

    [Fact]
    public async Task Text_without_data_has_null_and_unknown_names_are_left_out()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendTextAsync("""{"more":[{}],"event_id":1000,"request_id":"a"}""");

        Assert.Equal("""text {"request_id":"a","event_id":1000,"data":null}""", await client.ReceiveAsync());
    }

    [Fact]
    public async Task Each_request_is_answered_in_its_own_encoding()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendTextAsync("""{"request_id":1,"event_id":1001,"data":2}""");
        Assert.Equal(
            [
                """text {"request_id":1,"event_id":1,"data":{"request_id":1,"event_id":1001,"data":1}}""",
                """text {"request_id":1,"event_id":2,"data":{"request_id":1,"event_id":1001,"data":2}}""",
                """text {"request_id":1,"event_id":3,"data":{"request_id":1,"event_id":1001,"data":null}}""",
            ],
            await client.ReceiveAsync(3));
        await client.SendTextAsync("""{"request_id":2,"event_id":1003,"data":"key"}""");
        Assert.Equal("""text {"request_id":2,"event_id":-1003,"data":"KeyError('no such group')"}""", await client.ReceiveAsync());
        await client.SendTextAsync("""{"request_id":3,"event_id":1005,"data":3}""");
        Assert.Equal("""text {"request_id":3,"event_id":1005,"data":"AAAA"}""", await client.ReceiveAsync());
        Assert.Equal("[4,1000,1]", await client.CallAsync("[4,1000,1]"));
    }

    [Fact]
    public async Task Replies_may_overtake_each_other()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendAsync("[1,1006,\"slow\"]");
        Assert.Equal("[2,1000,\"fast\"]", await client.CallAsync("[2,1000,\"fast\"]"));
        server.Events.Release.SetResult();
        Assert.Equal("[1,1006,\"slow\"]", await client.ReceiveAsync());
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("-32")]
    [InlineData("-33")]
    [InlineData("[-1,-2,-3,0.5]")]
    [InlineData("{\"a\":-7}")]
    [InlineData("[[],{},-1]")]
    public async Task Data_comes_back_as_it_is(string data)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        Assert.Equal($"[1,1000,{data}]", await client.CallAsync($"[1,1000,{data}]"));
    }

    [Fact]
    public async Task A_result_of_nothing_is_null()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        Assert.Equal("[1,1011,null]", await client.CallAsync("[1,1011,null]"));
    }

    [Fact]
    public async Task Values_have_the_forms_that_clients_decode()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        await client.SendAsync("[1,1014,null]");
        var (_, reply) = await client.ReceiveBytesAsync();

        Assert.Equal(
            """[1,1014,{"null":null,"true":true,"small":7,"large":1099511627776,"whole_float":2,"single":0.5,"text":"h\u00e9","bytes":"AQI=","list":[1,2],"time":"2030-01-31T12:30:00+00:00","guid":"00112233-4455-6677-8899-aabbccddeeff","decimal":"1.10","enum":"Monday"}]""".Replace("\\u00e9", "\u00e9", StringComparison.Ordinal),
            Packed.ToJson(reply));
        var hex = Convert.ToHexStringLower(reply);
        // "whole_float" and "single" stay float64, "bytes" is a bin.
        Assert.Contains("77686f6c655f666c6f6174" + "cb4000000000000000", hex, StringComparison.Ordinal);
        Assert.Contains("73696e676c65" + "cb3fe0000000000000", hex, StringComparison.Ordinal);
        Assert.Contains("6279746573" + "c4020102", hex, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_data_and_special_floats_of_the_JavaScript_client_are_understood()
    {
        await using var server = await WireServer.StartAsync(redis, map: static app =>
        {
            app.MapEvent(2000, "ABSENT", (int? number) => number is null);
            app.MapEvent(2001, "FLOAT", (double number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        });
        await using var client = await server.OpenAsync();
        foreach (var (hex, answer) in ((string, string)[])[("cd07d0 d40000", "[1,2000,true]"), ("cd07d1 d40001", "[1,2001,\"NaN\"]"), ("cd07d1 d40002", "[1,2001,\"Infinity\"]"), ("cd07d1 d40003", "[1,2001,\"-Infinity\"]")])
        {
            await client.SendBinaryAsync(Packed.Hex("93 01 " + hex));
            Assert.Equal(answer, await client.ReceiveAsync());
        }
    }

    [Fact]
    public async Task Overlong_UTF8_of_the_JavaScript_client_is_the_right_character()
    {
        await using var server = await WireServer.StartAsync(redis, map: static app =>
            app.MapEvent(2000, "CODE", (string text) => (int)text[0]));
        await using var client = await server.OpenAsync();

        // U+0500 in three bytes, which two would have held.
        await client.SendBinaryAsync(Packed.Hex("93 01 cd07d0 a3 e09480"));

        Assert.Equal("[1,2000,1280]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_message_in_many_fragments_with_pings_between_them_is_one()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();
        var text = new string('d', 100_000);
        var message = Packed.From($"[1,1000,\"{text}\"]");

        for (var offset = 0; offset < message.Length; offset += 1000)
        {
            var last = offset + 1000 >= message.Length;
            var opcode = offset == 0 ? Opcode.Binary : Opcode.Continuation;
            await client.SendFrameAsync(opcode, message.AsMemory(offset, Math.Min(1000, message.Length - offset)), last);
            if (offset % 10_000 == 0)
                await client.SendFrameAsync(Opcode.Ping, new byte[] { 1 });
        }

        Assert.Equal($"[1,1000,\"{text}\"]", await client.ReceiveAsync());
    }
}
