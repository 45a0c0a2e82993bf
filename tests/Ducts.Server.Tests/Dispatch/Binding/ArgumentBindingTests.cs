using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Ducts.MessagePack;

namespace Ducts.Tests.Dispatch.Binding;

/// <summary>The tables of how data binds: each shape of handler against each shape of data.</summary>
public class ArgumentBindingTests
{
    internal static readonly Dictionary<string, Delegate> Handlers = new()
    {
        ["none"] = () => "called",
        ["event"] = (DuctsEvent? _) => "called",
        ["text"] = (string name) => name,
        ["words"] = (string firstName, string homeTown) => $"{firstName} of {homeTown}",
        ["snake"] = (string first_name) => first_name,
        ["acronym"] = (string userID) => userID,
        ["two"] = (string name, int age) => $"{name} is {age}",
        ["defaults"] = (string name, int age = 30, string town = "Kyoto", bool loud = false) => $"{name} {age} {town} {loud}",
        ["nullables"] = (string? name, int? age, int? size = 5) => $"{name ?? "nobody"} {age ?? -1} {size ?? -1}",
        ["given"] = (CancellationToken token, string name, IServiceProvider services, int age) => $"{name} is {age}",
        ["list"] = (int[] values) => values.Sum(),
        ["optionalList"] = (List<string>? names) => names is null ? "no list" : string.Join('+', names),
        ["listAndMore"] = (int[] values, int times) => values.Sum() * times,
        ["tail"] = (string command, params string[] args) => $"{command}({string.Join(',', args)})",
        ["onlyTail"] = (params int[] values) => values.Sum(),
        ["record"] = (Order order) => order.ToString(),
        ["recordOrNull"] = (Order? order) => order is null ? "no order" : order.ToString(),
        ["ownName"] = (Sticker label) => label.ToString(),
        ["nestedOwnName"] = (Crate box) => box.ToString(),
        ["structRecord"] = (Point? point) => point?.ToString() ?? "no point",
        ["recordAndMore"] = (Order order, string note) => $"{order} {note}",
        ["dictionary"] = (Dictionary<string, int> counts) => string.Join(' ', counts.Select(pair => $"{pair.Key}={pair.Value}")),
        ["object"] = (object? any) => any,
        ["never null"] = (object any) => any,
        ["element"] = (MessagePackElement element) => element,
        ["node"] = (JsonNode? node) => node?.ToJsonString(Relaxed).Replace('"', '\''),
        ["byNumber"] = (Dictionary<long, int> counts) => string.Join(' ', counts.Select(pair => $"{pair.Key}={pair.Value}")),
        ["set"] = (HashSet<object> values) => values.Count,
        ["sorted"] = (SortedSet<object> values) => values.Count,
        ["jsonElement"] = (JsonElement element) => element,
        ["extra"] = (string name, [Extra] IReadOnlyDictionary<string, object?> extra) => $"{name}: {JsonSerializer.Serialize(extra, Literals).Replace('"', '\'')}",
        ["extraText"] = ([Extra] Dictionary<string, string> extra) => string.Join(' ', extra.Select(pair => $"{pair.Key}={pair.Value}")),
        ["seven"] = (int a, string b, double c, bool d, int? e, string f = "f", params int[] g) => $"{a} {b} {c} {d} {e} {f} {g.Sum()}",
    };

    private static JsonSerializerOptions Relaxed { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonSerializerOptions Literals { get; } = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public sealed record Order([property: JsonPropertyName("item_no")] int Item, string? Note = null, int Count = 1);

    public sealed record Sticker(string? Label, string? Color);

    public sealed record Crate(Sticker? Box);

    public readonly record struct Point(int X, int Y);

    // Map: by name, in camelCase, snake_case or PascalCase.
    [Theory]
    [InlineData("text", "{'name':'Ann'}", "reply 'Ann'")]
    [InlineData("text", "{'Name':'Ann'}", "reply 'Ann'")]
    [InlineData("text", "{'NAME':'Ann'}", "TypeError: unknown argument 'NAME'; did you mean 'name'?")]
    [InlineData("words", "{'firstName':'Ann','homeTown':'Kyoto'}", "reply 'Ann of Kyoto'")]
    [InlineData("words", "{'home_town':'Kyoto','first_name':'Ann'}", "reply 'Ann of Kyoto'")]
    [InlineData("words", "{'HomeTown':'Kyoto','firstName':'Ann'}", "reply 'Ann of Kyoto'")]
    [InlineData("words", "{'firstName':'Ann','first_name':'Ann'}", "TypeError: argument 'firstName' is given twice")]
    [InlineData("words", "{'firstName':'Ann','firstName':'Ann'}", "TypeError: argument 'firstName' is given twice")]
    [InlineData("words", "{'firstName':'Ann'}", "TypeError: missing argument 'homeTown'")]
    [InlineData("words", "{'frist_name':'Ann','homeTown':'Kyoto'}", "TypeError: unknown argument 'frist_name'; did you mean 'firstName'?")]
    [InlineData("words", "{'weight':1}", "TypeError: unknown argument 'weight'")]
    [InlineData("snake", "{'first_name':'Ann'}", "reply 'Ann'")]
    [InlineData("snake", "{'firstName':'Ann'}", "reply 'Ann'")]
    [InlineData("snake", "{'FirstName':'Ann'}", "reply 'Ann'")]
    [InlineData("acronym", "{'userID':'u1'}", "reply 'u1'")]
    [InlineData("acronym", "{'userId':'u1'}", "reply 'u1'")]
    [InlineData("acronym", "{'user_id':'u1'}", "reply 'u1'")]
    [InlineData("acronym", "{'UserID':'u1'}", "reply 'u1'")]
    [InlineData("two", "{'age':7,'name':'Ann'}", "reply 'Ann is 7'")]
    [InlineData("two", "{'name':'Ann','age':'seven'}", "TypeError: argument 'age': expected an integer, found a string")]
    [InlineData("two", "{'name':1,'age':7}", "TypeError: argument 'name': expected a string, found an integer")]
    [InlineData("two", "{'name':null,'age':7}", "TypeError: argument 'name': expected a string, found null")]
    [InlineData("two", "{'name':'Ann','age':null}", "TypeError: argument 'age': expected an integer, found null")]
    [InlineData("two", "{'name':'Ann','age':[7]}", "TypeError: argument 'age': expected an integer, found an array")]
    [InlineData("two", "{'name':{'first':'Ann'},'age':7}", "TypeError: argument 'name': expected a string, found a map")]
    [InlineData("two", "{}", "TypeError: missing argument 'name'")]
    [InlineData("given", "{'age':7,'name':'Ann'}", "reply 'Ann is 7'")]
    [InlineData("given", "{'age':7,'name':'Ann','token':1}", "TypeError: unknown argument 'token'")]
    [InlineData("none", "{}", "reply 'called'")]
    [InlineData("sorted", "[1,'a']", "ValueError: argument 'values': expected values that SortedSet`1 accepts, found others")]
    [InlineData("node", "{'Hello':1,'hello':2}", "reply '{'Hello':1,'hello':2}'")]
    [InlineData("object", "{'Hello':1,'hello':2}", "reply {'Hello':1,'hello':2}")]
    [InlineData("node", "{'a':1,'a':2}", "ValueError: argument 'node': expected each key once, found 'a' twice")]
    [InlineData("node", "{'x':[{'a':1,'a':2}]}", "ValueError: argument 'x[0]': expected each key once, found 'a' twice")]
    [InlineData("object", "{'a':1,'a':2}", "ValueError: argument 'any': expected each key once, found 'a' twice")]
    [InlineData("jsonElement", "{'a':1,'a':2}", "ValueError: argument 'element': expected each key once, found 'a' twice")]
    [InlineData("dictionary", "{'a':1,'a':2}", "ValueError: argument 'counts': expected each key once, found 'a' twice")]
    [InlineData("byNumber", "{'1':1,'01':2}", "ValueError: argument 'counts': expected each key once, found '01' twice")]
    [InlineData("record", "{'count':1,'Count':2,'item_no':3}", "ValueError: argument 'order': expected each key once, found 'count' twice")]
    [InlineData("none", "{'name':'Ann'}", "TypeError: unknown argument 'name'; the event takes none")]
    [InlineData("listAndMore", "{'times':2,'values':[1,2]}", "reply 6")]
    [InlineData("recordAndMore", "{'order':{'item_no':5},'note':'x'}", "reply 'Order { Item = 5, Note = , Count = 1 } x'")]
    [InlineData("recordAndMore", "{'order':{'item_no':'five'},'note':'x'}", "TypeError: argument 'order.item_no': expected an integer, found a string")]
    public Task A_map_binds_by_name(string handler, string data, string expected) => Check(handler, data, expected);

    // Array: by position.
    [Theory]
    [InlineData("text", "['Ann']", "reply 'Ann'")]
    [InlineData("two", "['Ann',7]", "reply 'Ann is 7'")]
    [InlineData("two", "[7,'Ann']", "TypeError: argument 'name': expected a string, found an integer")]
    [InlineData("two", "['Ann']", "TypeError: missing argument 'age'")]
    [InlineData("two", "['Ann',null]", "TypeError: argument 'age': expected an integer, found null")]
    [InlineData("two", "['Ann',7,8]", "TypeError: expected at most 2 arguments, found 3")]
    [InlineData("text", "['Ann',7]", "TypeError: expected 1 argument, found 2")]
    [InlineData("two", "[]", "TypeError: missing argument 'name'")]
    [InlineData("given", "['Ann',7]", "reply 'Ann is 7'")]
    [InlineData("none", "[]", "reply 'called'")]
    [InlineData("none", "[1]", "TypeError: expected no arguments, found 1")]
    [InlineData("listAndMore", "[[1,2],2]", "reply 6")]
    [InlineData("listAndMore", "[1,2]", "TypeError: argument 'values': expected an array, found an integer")]
    [InlineData("recordAndMore", "[{'item_no':5},'x']", "reply 'Order { Item = 5, Note = , Count = 1 } x'")]
    [InlineData("extra", "['Ann']", "reply 'Ann: {}'")]
    [InlineData("extra", "['Ann',1]", "TypeError: expected 1 argument, found 2")]
    public Task An_array_binds_by_position(string handler, string data, string expected) => Check(handler, data, expected);

    // Null: no arguments.
    [Theory]
    [InlineData("none", "reply 'called'")]
    [InlineData("event", "reply 'called'")]
    [InlineData("text", "TypeError: missing argument 'name'")]
    [InlineData("two", "TypeError: missing argument 'name'")]
    [InlineData("nullables", "reply 'nobody -1 5'")]
    [InlineData("defaults", "TypeError: missing argument 'name'")]
    [InlineData("list", "TypeError: missing argument 'values'")]
    [InlineData("optionalList", "reply 'no list'")]
    [InlineData("onlyTail", "reply 0")]
    [InlineData("record", "TypeError: missing argument 'order'")]
    [InlineData("recordOrNull", "reply 'no order'")]
    [InlineData("structRecord", "reply 'no point'")]
    [InlineData("dictionary", "TypeError: missing argument 'counts'")]
    [InlineData("object", "null")]
    [InlineData("never null", "TypeError: argument 'any': expected a value, found null")]
    [InlineData("element", "reply null")]
    [InlineData("jsonElement", "reply null")]
    [InlineData("extraText", "reply ''")]
    public async Task Null_is_no_arguments(string handler, string expected)
    {
        await Check(handler, "null", expected);
        Assert.Equal(expected, await Handlers[handler].CallAsync([0xd4, 0x00, 0x00]));
    }

    // Anything else: the first parameter.
    [Theory]
    [InlineData("text", "'Ann'", "reply 'Ann'")]
    [InlineData("text", "7", "TypeError: argument 'name': expected a string, found an integer")]
    [InlineData("text", "true", "TypeError: argument 'name': expected a string, found a boolean")]
    [InlineData("two", "'Ann'", "TypeError: missing argument 'age'")]
    [InlineData("defaults", "'Ann'", "reply 'Ann 30 Kyoto False'")]
    [InlineData("nullables", "'Ann'", "reply 'Ann -1 5'")]
    [InlineData("none", "''", "reply 'called'")]
    [InlineData("extraText", "''", "reply ''")]
    [InlineData("none", "'Ann'", "TypeError: expected no arguments, found a string")]
    [InlineData("none", "0", "TypeError: expected no arguments, found an integer")]
    [InlineData("event", "'Ann'", "reply 'called'")]
    [InlineData("tail", "'GET'", "reply 'GET()'")]
    [InlineData("onlyTail", "5", "reply 5")]
    [InlineData("extra", "'Ann'", "reply 'Ann: {}'")]
    [InlineData("extraText", "'Ann'", "TypeError: expected a map of arguments, found a string")]
    [InlineData("list", "5", "TypeError: argument 'values': expected an array, found an integer")]
    [InlineData("record", "5", "TypeError: argument 'order': expected a map, found an integer")]
    [InlineData("dictionary", "'x'", "TypeError: argument 'counts': expected a map, found a string")]
    public Task Anything_else_is_the_first_parameter(string handler, string data, string expected) => Check(handler, data, expected);

    // A single parameter of a list type takes the whole array.
    [Theory]
    [InlineData("list", "[1,2,3]", "reply 6")]
    [InlineData("list", "[]", "reply 0")]
    [InlineData("list", "{'values':[1,2]}", "reply 3")]
    [InlineData("list", "{'values':null}", "TypeError: argument 'values': expected an array, found null")]
    [InlineData("list", "{'value':[1]}", "TypeError: unknown argument 'value'; did you mean 'values'?")]
    [InlineData("list", "[1,'x']", "TypeError: argument 'values[1]': expected an integer, found a string")]
    [InlineData("list", "{'values':[1,'x']}", "TypeError: argument 'values[1]': expected an integer, found a string")]
    [InlineData("optionalList", "['a','b']", "reply 'a+b'")]
    [InlineData("optionalList", "{}", "reply 'no list'")]
    [InlineData("optionalList", "{'names':null}", "reply 'no list'")]
    public Task A_single_list_takes_the_whole_array(string handler, string data, string expected) => Check(handler, data, expected);

    // A single parameter of a record or class type, an element, a dictionary or object takes the whole data.
    [Theory]
    [InlineData("record", "{'item_no':5,'note':'x'}", "reply 'Order { Item = 5, Note = x, Count = 1 }'")]
    [InlineData("record", "{'order':{'item_no':5}}", "reply 'Order { Item = 5, Note = , Count = 1 }'")]
    [InlineData("record", "{'Order':{'item_no':5}}", "reply 'Order { Item = 5, Note = , Count = 1 }'")]
    [InlineData("record", "[{'item_no':5}]", "reply 'Order { Item = 5, Note = , Count = 1 }'")]
    [InlineData("record", "{'order':{'item_no':'x'}}", "TypeError: argument 'order.item_no': expected an integer, found a string")]
    [InlineData("record", "{'item_no':'x'}", "TypeError: argument 'item_no': expected an integer, found a string")]
    [InlineData("record", "{'order':null}", "TypeError: argument 'order': expected a map, found null")]
    [InlineData("recordOrNull", "{'order':null}", "reply 'no order'")]
    [InlineData("ownName", "{'label':'red','color':'x'}", "reply 'Sticker { Label = red, Color = x }'")]
    [InlineData("ownName", "{'label':'red'}", "reply 'Sticker { Label = red, Color =  }'")]
    [InlineData("ownName", "{'label':5}", "TypeError: argument 'label': expected a string, found an integer")]
    [InlineData("ownName", "{'label':{'label':'red'}}", "reply 'Sticker { Label = red, Color =  }'")]
    [InlineData("nestedOwnName", "{'box':{'label':'red'}}", "reply 'Crate { Box = Sticker { Label = red, Color =  } }'")]
    [InlineData("structRecord", "{'x':1,'y':2}", "reply 'Point { X = 1, Y = 2 }'")]
    [InlineData("structRecord", "{'point':{'x':1,'y':2}}", "reply 'Point { X = 1, Y = 2 }'")]
    [InlineData("dictionary", "{'a':1,'counts':2}", "reply 'a=1 counts=2'")]
    [InlineData("dictionary", "{'counts':2}", "reply 'counts=2'")]
    [InlineData("dictionary", "[{'a':1}]", "reply 'a=1'")]
    [InlineData("dictionary", "{'a':'x'}", "TypeError: argument 'a': expected an integer, found a string")]
    [InlineData("object", "{'any':[1,2.5,'x',null,true]}", "reply {'any':[1,2.5,'x',null,true]}")]
    [InlineData("object", "[1]", "reply [1]")]
    [InlineData("object", "'x'", "reply 'x'")]
    [InlineData("never null", "5", "reply 5")]
    [InlineData("element", "{'element':[1]}", "reply {'element':[1]}")]
    [InlineData("element", "7", "reply 7")]
    [InlineData("jsonElement", "{'element':[1]}", "reply {'element':[1]}")]
    [InlineData("jsonElement", "[[]]", "reply [[]]")]
    public Task A_single_whole_parameter_takes_the_data(string handler, string data, string expected) => Check(handler, data, expected);

    [Theory]
    [InlineData("defaults", "{'name':'Ann'}", "reply 'Ann 30 Kyoto False'")]
    [InlineData("defaults", "{'name':'Ann','loud':true,'age':7}", "reply 'Ann 7 Kyoto True'")]
    [InlineData("defaults", "{'name':'Ann','age':null,'town':null}", "reply 'Ann 30 Kyoto False'")]
    [InlineData("defaults", "['Ann']", "reply 'Ann 30 Kyoto False'")]
    [InlineData("defaults", "['Ann',7,'Nara',true]", "reply 'Ann 7 Nara True'")]
    [InlineData("defaults", "['Ann',null,'Nara']", "reply 'Ann 30 Nara False'")]
    [InlineData("defaults", "['Ann','x']", "TypeError: argument 'age': expected an integer, found a string")]
    [InlineData("nullables", "{}", "reply 'nobody -1 5'")]
    [InlineData("nullables", "[]", "reply 'nobody -1 5'")]
    [InlineData("nullables", "[null,null,null]", "reply 'nobody -1 -1'")]
    [InlineData("nullables", "{'size':null,'age':3}", "reply 'nobody 3 -1'")]
    [InlineData("nullables", "{'age':'x'}", "TypeError: argument 'age': expected an integer, found a string")]
    [InlineData("tail", "['GET']", "reply 'GET()'")]
    [InlineData("tail", "['SET','a','b']", "reply 'SET(a,b)'")]
    [InlineData("tail", "['SET','a',5]", "TypeError: argument 'args[1]': expected a string, found an integer")]
    [InlineData("tail", "{'command':'SET','args':['a','b']}", "reply 'SET(a,b)'")]
    [InlineData("tail", "{'command':'SET'}", "reply 'SET()'")]
    [InlineData("tail", "[]", "TypeError: missing argument 'command'")]
    [InlineData("onlyTail", "[1,2,3]", "reply 6")]
    [InlineData("onlyTail", "{'values':[1,2]}", "reply 3")]
    [InlineData("onlyTail", "'x'", "TypeError: argument 'values[0]': expected an integer, found a string")]
    [InlineData("seven", "[1,'b',2,true,null]", "reply '1 b 2 True  f 0'")]
    [InlineData("seven", "[1,'b',2.5,true,5,'F',1,2]", "reply '1 b 2.5 True 5 F 3'")]
    [InlineData("seven", "{'g':[4],'d':false,'c':1,'b':'b','a':0}", "reply '0 b 1 False  f 4'")]
    [InlineData("seven", "[1,'b',2,'no']", "TypeError: argument 'd': expected a boolean, found a string")]
    public Task Defaults_nullables_and_params_are_honoured(string handler, string data, string expected) => Check(handler, data, expected);

    [Theory]
    [InlineData("extra", "{'name':'Ann'}", "reply 'Ann: {}'")]
    [InlineData("extra", "{'a':1,'name':'Ann','b':[null,'x']}", "reply 'Ann: {'a':1,'b':[null,'x']}'")]
    [InlineData("extra", "{'a':1}", "TypeError: missing argument 'name'")]
    [InlineData("extra", "{'a':1,'name':'Ann','a':2}", "TypeError: argument 'a' is given twice")]
    [InlineData("extra", "{'name':'Ann','Name':'Ann'}", "TypeError: argument 'name' is given twice")]
    [InlineData("extra", "{'name':'Ann','extra':{'a':1}}", "reply 'Ann: {'extra':{'a':1}}'")]
    [InlineData("extraText", "{'a':'x','b':'y'}", "reply 'a=x b=y'")]
    [InlineData("extraText", "{'a':'x','b':5}", "TypeError: argument 'b': expected a string, found an integer")]
    public Task Extra_takes_the_names_that_nothing_else_takes(string handler, string data, string expected) => Check(handler, data, expected);

    [Fact]
    public async Task Names_that_are_no_strings_are_refused()
    {
        Assert.Equal("TypeError: expected strings as names of arguments, found an integer", await Handlers["text"].CallAsync([0x81, 0x05, 0xa1, 0x61]));
        Assert.Equal("TypeError: expected strings as names of arguments, found null", await Handlers["none"].CallAsync([0x81, 0xc0, 0xc0]));
    }

    [Fact]
    public async Task A_long_unknown_name_is_cut_in_the_message()
    {
        var outcome = await Handlers["text"].CallAsync($$"""{"{{new string('語', 100_000)}}":1}""");

        Assert.Equal($"TypeError: unknown argument '{new string('語', 64)}...'", outcome);
    }

    [Fact]
    public async Task A_handler_that_takes_the_event_reads_the_data_itself()
    {
        foreach (var data in (string[])["null", "5", "[1,2]", "{'a':1}"])
            Assert.Equal("reply 'called'", await Handlers["event"].CallAsync(data));
    }

    private static async Task Check(string handler, string data, string expected) =>
        Assert.Equal(expected, await Handlers[handler].CallAsync(data));
}
