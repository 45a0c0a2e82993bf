using System.Collections;
using Ducts.Dispatch.Binding;
using Microsoft.AspNetCore.Http;

namespace Ducts.Tests.Dispatch.Binding;

public class SignatureTests
{
    public class Handles : DuctsHandler
    {
        public string Handle(string name) => $"Hello, {name}!";
    }

    public sealed class Inherits : Handles;

    public sealed class Hides : Handles
    {
        public new string Handle(string name) => $"Bye, {name}!";
    }

    public class Virtual : DuctsHandler
    {
        public virtual int Handle() => 1;
    }

    public sealed class Overrides : Virtual
    {
        public override int Handle() => 2;
    }

    public sealed class Static : DuctsHandler
    {
        public static Task<int> HandleAsync(int number) => Task.FromResult(number * 2);
    }

    public sealed class Nothing : DuctsHandler;

    public sealed class Private : DuctsHandler
    {
        internal string Handle() => ToString()!;
    }

    public sealed class Both : DuctsHandler
    {
        public string Handle() => "";

        public Task<string> HandleAsync() => Task.FromResult("");
    }

    public sealed class Overloads : DuctsHandler
    {
        public string Handle(int number) => $"{number}";

        public string Handle(string text) => text;
    }

    public sealed class OnlyHttp : DuctsHandler
    {
        [WebApi("GET", "/echo/{msg}")]
        public string Echo(string msg) => msg;
    }

    public sealed class Generic : DuctsHandler
    {
        public T Handle<T>(T value) => value;
    }

    public sealed class Refs : DuctsHandler
    {
        public void Handle(ref int counted, out int result, in string read) => result = counted + read.Length;
    }

    public sealed class Spans : DuctsHandler
    {
        public int Handle(ReadOnlySpan<byte> bytes) => bytes.Length;
    }

    public sealed class SpanResult : DuctsHandler
    {
        public Span<byte> Handle() => default;
    }

    public sealed class AsyncVoid : DuctsHandler
    {
        public async void Handle() => await Task.Yield();
    }

    public sealed class Wrong : DuctsHandler
    {
        public Func<int> Handle(IFormatProvider service, HttpContext context, Action action, [Extra] string rest, [Extra] Dictionary<string, int> more) =>
            () => 1;
    }

    public sealed class SameNames : DuctsHandler
    {
        public string Handle(string userName, string user_name) => userName + user_name;
    }

    public sealed class TaskOfTask : DuctsHandler
    {
        public Task<Task<int>> Handle() => Task.FromResult(Task.FromResult(1));
    }

    public sealed class Untyped : DuctsHandler
    {
        public IEnumerable Handle() => new[] { 1 };
    }

    public sealed class Enumerator : DuctsHandler
    {
        public IEnumerator<int> Handle() => ((IEnumerable<int>)[1]).GetEnumerator();
    }

    [Fact]
    public async Task A_handlers_method_is_found_by_name()
    {
        Assert.Equal("reply 'Hello, Ann!'", await new Handles().CallAsync("'Ann'"));
        Assert.Equal("reply 'Hello, Ann!'", await new Inherits().CallAsync("'Ann'"));
        Assert.Equal("reply 'Bye, Ann!'", await new Hides().CallAsync("'Ann'"));
        Assert.Equal("reply 2", await new Overrides().CallAsync("null"));
        Assert.Equal("reply 6", await new Static().CallAsync("3"));
    }

    [Theory]
    [InlineData(typeof(Nothing), "Nothing has no public method Handle or HandleAsync to answer requests")]
    [InlineData(typeof(Private), "Handle of Private is not public")]
    [InlineData(typeof(Both), "Both has 2 methods named Handle or HandleAsync; a request goes to exactly one")]
    [InlineData(typeof(Overloads), "Overloads has 2 methods named Handle or HandleAsync; a request goes to exactly one")]
    [InlineData(typeof(Generic), "Handle is generic; a request does not say of what, so declare the types", "the result of Handle: its result has an open type parameter")]
    [InlineData(
        typeof(Refs),
        "parameter 'counted' of Handle: ref, in and out have no meaning for a request; pass it by value",
        "parameter 'result' of Handle: ref, in and out have no meaning for a request; pass it by value",
        "parameter 'read' of Handle: ref, in and out have no meaning for a request; pass it by value")]
    [InlineData(typeof(Spans), "parameter 'bytes' of Handle: ReadOnlySpan<byte> cannot be kept for the length of a request; take a string, an array or ReadOnlyMemory<T>")]
    [InlineData(typeof(SpanResult), "the result of Handle: a result cannot be by reference; return a value")]
    [InlineData(typeof(AsyncVoid), "Handle is async void, so nobody would know when it ends; return Task")]
    [InlineData(typeof(TaskOfTask), "the result of Handle: a task of a task cannot be replied; await the inner one")]
    [InlineData(typeof(Untyped), "the result of Handle: declare the stream's items: IEnumerable<object?> instead of IEnumerable")]
    [InlineData(typeof(Enumerator), "the result of Handle: a stream is declared as IEnumerable<T> or IAsyncEnumerable<T>, not as its enumerator")]
    [InlineData(
        typeof(Wrong),
        "the result of Handle: Func<int> cannot be sent",
        "parameter 'service' of Handle: IFormatProvider cannot come from a request; mark it [FromServices], or take it in the constructor",
        "parameter 'context' of Handle: HttpContext is there only in methods marked [WebApi]",
        "parameter 'action' of Handle: Action cannot come from a request",
        "parameter 'rest' of Handle: [Extra] is for a dictionary such as IReadOnlyDictionary<string, object?>, not for string",
        "Handle has more than one parameter marked [Extra]")]
    [InlineData(typeof(SameNames), "parameters 'userName' and 'user_name' of Handle are one name in a request: \"userName\"")]
    public void A_method_that_cannot_answer_is_explained(Type handler, params string[] problems) =>
        Assert.Equal(problems, HandlerSignature.Of(handler).Problems);

    [Fact]
    public async Task A_handler_of_only_web_apis_answers_no_request()
    {
        var signature = HandlerSignature.Of(typeof(OnlyHttp));

        Assert.Null(signature.Method);
        Assert.Empty(signature.Arguments);
        Assert.Equal("NotImplementedError: this event answers no requests, only its Web API does", await new OnlyHttp().CallAsync("null"));
    }

    [Fact]
    public void Arguments_are_documented_without_the_given_parameters()
    {
        var signature = HandlerSignature.Of((string UserName, CancellationToken _, string? home_town, DuctsEvent _, int age = 5, params int[] rest) => { });

        Assert.Equal(
            [
                new HandlerArgument("userName", typeof(string), Required: true),
                new HandlerArgument("homeTown", typeof(string), Required: false),
                new HandlerArgument("age", typeof(int), Required: false),
                new HandlerArgument("rest", typeof(int[]), Required: false),
            ],
            signature.Arguments);
        Assert.Equal(4, signature.Arguments.Count);
        Assert.Null(signature.ResultType);
        Assert.False(signature.IsStream);
    }

    [Fact]
    public void A_signature_with_problems_is_not_invoked()
    {
        var invoker = new LazyHandlerInvoker(HandlerSignature.Of(typeof(Both)), new Both(), MessagePack.PackSerializerOptions.Default);

        Assert.Throws<ArgumentException>(() => Calls.Invoke(invoker, Calls.Pack("null"), new FakeTarget()));
    }

    [Fact]
    public void A_handler_is_compiled_at_its_first_request_and_once()
    {

        var lazy = new LazyHandlerInvoker(HandlerSignature.Of(typeof(Handles)), new Handles(), MessagePack.PackSerializerOptions.Default);
        Assert.Null(lazy.Compiled);

        Calls.Invoke(lazy, Calls.Pack("null"), new FakeTarget());
        var compiled = lazy.Compiled;
        Calls.Invoke(lazy, Calls.Pack("null"), new FakeTarget());

        Assert.NotNull(compiled);
        Assert.Same(compiled, lazy.Compiled);
    }

    [Fact]
    public async Task Delegates_of_every_make_are_called()
    {
        var closure = 5;
        var closing = (int number) => number + closure;
        Assert.Equal("reply 8", await closing.CallAsync("3"));
        Assert.Equal("reply 'ab'", await new Func<string, string>("a".Append).CallAsync("'b'"));
        Assert.Equal("reply 4", await new Converter<int, int>(Double).CallAsync("2"));
        Assert.Equal("reply 9", await System.Linq.Expressions.Expression.Lambda<Func<int>>(System.Linq.Expressions.Expression.Constant(9)).Compile().CallAsync("null"));
        Assert.Equal("reply '2'", await new Func<string, object>(TextOf).CallAsync("'2'"));
    }

    [Fact]
    public async Task A_delegate_of_several_methods_calls_them_all()
    {
        var called = new List<int>();
        Func<int, int> several = number =>
        {
            called.Add(number);
            return number;
        };
        several += number => number * 2;

        Assert.Equal("reply 6", await several.CallAsync("3"));
        Assert.Equal([3], called);
    }

    [Fact]
    public async Task A_delegate_of_a_structs_method_keeps_what_the_struct_counts()
    {
        var counter = default(Counter);
        Func<int> next = counter.Next;

        Assert.Equal("reply 1", await next.CallAsync("null"));
        Assert.Equal("reply 2", await next.CallAsync("null"));
    }

    [Fact]
    public async Task Any_number_of_arguments_is_read()
    {
        var sum = (int a, int b, int c, int d, int e, int f, int g, int h, int i, int j) => a + b + c + d + e + f + g + h + i + j;

        Assert.Equal("reply 55", await sum.CallAsync("[1,2,3,4,5,6,7,8,9,10]"));
    }

    [Theory]
    [InlineData(typeof(int?), "int?")]
    [InlineData(typeof(string[,]), "string[,]")]
    [InlineData(typeof(Dictionary<string, DayOfWeek[]>), "Dictionary<string, DayOfWeek[]>")]
    [InlineData(typeof(OfThisFile), "OfThisFile")]
    public void Types_are_named_as_in_code(Type type, string text)
    {
        Assert.Equal(text, TypeText.Of(type));
        Assert.Equal(text + "&", TypeText.Of(type.MakeByRefType()));
    }

    private static string TextOf(object value) => value.ToString()!;

    private struct Counter
    {
        private int _count;

        public int Next() => ++_count;
    }

    private static int Double(int number) => number * 2;
}

internal static class Texts
{
    public static string Append(this string left, string right) => left + right;
}

file sealed class OfThisFile;
