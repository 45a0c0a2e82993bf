using System.ComponentModel;
using System.Text;
using System.Text.Json.Serialization;
using Ducts.Redis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Ducts.Server.Tests.WebApis;

/// <summary>One handler with a Web API of each kind.</summary>
[Event(1000, "MY_TEST_HANDLER")]
internal sealed class SampleHandler(string name = "first") : DuctsHandler
{
    public TaskCompletionSource Held { get; } = new();

    [WebApi("GET", "/echo/{msg}")]
    public string Echo(string msg) => msg;

    [WebApi("get", "name")]
    public string Name() => name;

    [WebApi("GET", "/sum/{a:int}/{b:int}")]
    [WebApi("POST", "/add/{a:int}/{b:int}")]
    public int Sum(int a, int b, [FromQuery] int scale = 1) => (a + b) * scale;

    [WebApi("GET", "/files/{**path}")]
    public string Files(string path) => path;

    [WebApi("*", "/any")]
    public string Any(HttpContext context) => context.Request.Method;

    [WebApi("POST", "/orders")]
    public Created<Order> Add(Order order) => TypedResults.Created($"/orders/{order.Id}", order);

    [WebApi("GET", "/orders/{id:int}")]
    public Task<Order> OrderOf(int id, [FromHeader(Name = "X-Colour")] Colour colour, CancellationToken cancellationToken) =>
        Task.FromResult(new Order(id, "é", colour));

    [WebApi("GET", "/service")]
    public string Service(TimeProvider time) => time.GetType().Name;

    [WebApi("GET", "/static")]
    public static string Static() => "static";

    [WebApi("GET", "/bytes")]
    public byte[] Bytes() => [1, 2, 3];

    [WebApi("GET", "/memory")]
    public ValueTask<ReadOnlyMemory<byte>> Memory() => new(new byte[] { 4, 5 });

    [WebApi("GET", "/stream")]
    public Stream Seekable() => new MemoryStream(Encoding.ASCII.GetBytes("0123456789"));

    [WebApi("GET", "/pieces/{count:int}")]
    public async IAsyncEnumerable<byte[]> Pieces(int count)
    {
        var piece = new byte[1 << 16];
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return piece;
        }
    }

    [WebApi("GET", "/numbers/{count:int}")]
    public async IAsyncEnumerable<Order> Numbers(int count, int failAt = -1)
    {
        for (var i = 0; i < count; i++)
        {
            if (i == failAt)
                throw new InvalidOperationException("the secret of the sequence");
            await Task.Yield();
            yield return new Order(i, "n", Colour.Green);
        }
    }

    [WebApi("GET", "/held")]
    public async IAsyncEnumerable<int> HoldSequence()
    {
        yield return 1;
        await Held.Task;
        yield return 2;
    }

    [WebApi("PUT", "/upload")]
    public async Task<long> Upload(Stream body, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 16];
        var total = 0L;
        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            total += count;
        return total;
    }

    [WebApi("GET", "/fail/{kind}")]
    public string Fail(string kind) => throw (kind switch
    {
        "key" => new KeyNotFoundException("no such group"),
        "argument" => new ArgumentException("bad argument"),
        "permission" => new UnauthorizedAccessException("not yours"),
        "timeout" => new TimeoutException("too slow"),
        "file" => new FileNotFoundException("no such file"),
        "not" => new NotSupportedException("not here"),
        "redis" => new RedisUnavailableException("gone"),
        "redis_full" => new RedisErrorException("OOM command not allowed when used memory > 'maxmemory'."),
        "event" => new EventException("PermissionError", "said so"),
        _ => new InvalidOperationException("the secret"),
    });

    [WebApi("GET", "/shape")]
    public Shape Polymorphic() => new Circle(2);

    [WebApi("GET", "/nothing_to_say")]
    public Task Nothing() => Task.CompletedTask;

    [WebApi("GET", "/cycle/{size:int}")]
    public object Cycle(int size)
    {
        var node = new Node { Text = new string('x', size) };
        node.Next = node;
        return node;
    }

    [WebApi("GET", "/described")]
    [EndpointSummary("Summed up")]
    [Description("Described")]
    public Results<Ok<Order>, NotFound> Described() => TypedResults.NotFound();

    [JsonDerivedType(typeof(Circle), "circle")]
    public abstract record Shape;

    public sealed record Circle(int Radius) : Shape;

    public sealed class Node
    {
        public Node? Next { get; set; }

        public string? Text { get; set; }
    }
}
