using System.Net;
using System.Net.Sockets;
using Ducts.EndToEnd.Processes;
using Ducts.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ducts.EndToEnd.Cluster;

/// <summary>Servers as processes that share a Redis, behind an nginx that sends each connection to the next of them.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly WorkingFolder _folder = new();
    private readonly List<IDisposable> _programs = [];

    private TestCluster()
    {
    }

    public ClusterNode[] Nodes { get; private set; } = [];

    /// <summary>Where nginx listens.</summary>
    public int Port { get; private set; }

    /// <summary>The nodes' Redis.</summary>
    public RedisClient Redis { get; private set; } = null!;

    /// <summary>A folder that ends with the cluster.</summary>
    public WorkingFolder Folder => _folder;

    public static async Task<TestCluster> StartAsync(int count, TimeSpan nodeTtl, TimeSpan reconnectTimeout)
    {
        var cluster = new TestCluster();
        try
        {
            await cluster.StartRedisAsync();
            cluster._folder.CopyFrom(Repository.OwnPath("ClusterHandlers"), "handler");
            cluster._folder.Write("config_server.ini", ConfigurationOf(nodeTtl, reconnectTimeout));
            cluster.Nodes = [.. Enumerable.Range(0, count).Select(i => new ClusterNode(cluster._folder, $"n{i}"))];
            // The first compiles the handlers, the others find them compiled.
            foreach (var node in cluster.Nodes)
                await node.StartAsync();
            await cluster.StartNginxAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Redis is not null)
            await Redis.DisposeAsync();
        await _folder.DisposeAsync();
        _programs.ForEach(static program => program.Dispose());
        foreach (var node in Nodes)
            node.Dispose();
    }

    private static string ConfigurationOf(TimeSpan nodeTtl, TimeSpan reconnectTimeout) => $"""
        [ducts.server_config]
        behind_nginx = True
        [ducts.event_config]
        strict = True
        alive_monitoring_interval = 1
        [web_socket_server]
        reconnect_timeout = {reconnectTimeout.TotalSeconds}
        [ducts.limit_config]
        discovery_per_second = 0
        [ducts.redis_config]
        redis_embedded = never
        redis_command_timeout = 20
        [ducts.cluster_config]
        cluster = True
        node_ttl = {nodeTtl.TotalSeconds}
        """;

    private async Task StartRedisAsync()
    {
        var socket = _folder.PathOf("redis.sock");
        var program = BackgroundProgram.Start(
            _folder, new Dictionary<string, string>(), RequiredProgram.Redis, "--port", "0", "--unixsocket", socket, "--dir", _folder.Path, "--save", "", "--maxmemory-policy", "noeviction");
        _programs.Add(program);
        await program.LogsAsync("eady to accept connections");
        _folder.Environment["DUCTS_REDIS__REDIS_EMBEDDED"] = "never";
        _folder.Environment["DUCTS_REDIS__REDIS_URI_MAIN"] = $"unix://{socket}";
        Redis = await RedisClient.ConnectAsync(new RedisClientOptions { Uri = $"unix://{socket}" }, NullLoggerFactory.Instance);
    }

    // No sticky sessions, and no memory of failures. The headers are those of docs/guide/behind-nginx.md.
    private async Task StartNginxAsync()
    {
        Port = FreePort();
        var configuration = _folder.Write("nginx.conf", $$"""
            daemon off;
            worker_processes 1;
            pid {{_folder.PathOf("nginx.pid")}};
            error_log {{_folder.PathOf("nginx.log")}};
            events {}
            http {
              access_log off;
              client_body_temp_path {{_folder.PathOf("temp")}};
              proxy_temp_path {{_folder.PathOf("temp")}};
              fastcgi_temp_path {{_folder.PathOf("temp")}};
              uwsgi_temp_path {{_folder.PathOf("temp")}};
              scgi_temp_path {{_folder.PathOf("temp")}};
              map $http_upgrade $connection_header { default upgrade; '' ''; }
              upstream nodes {
                {{string.Join('\n', Nodes.Select(static node => $"server 127.0.0.1:{node.Port} max_fails=0;"))}}
              }
              server {
                listen 127.0.0.1:{{Port}};
                location / {
                  proxy_pass http://nodes;
                  proxy_http_version 1.1;
                  proxy_connect_timeout 1s;
                  proxy_set_header Host $host;
                  proxy_set_header X-Forwarded-For $remote_addr;
                  proxy_set_header X-Forwarded-Host $http_host;
                  proxy_set_header X-Forwarded-Proto $scheme;
                  proxy_set_header X-Forwarded-Prefix "";
                  proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header Connection $connection_header;
                  proxy_buffering off;
                  proxy_read_timeout 1h;
                  proxy_send_timeout 1h;
                }
              }
            }
            """);
        var program = BackgroundProgram.Start(_folder, new Dictionary<string, string>(), RequiredProgram.Nginx, "-p", _folder.Path, "-c", configuration);
        _programs.Add(program);
        await Until.TrueAsync(() => program.HasEnded ? throw new InvalidOperationException(program.Log) : Listens(Port), () => $"nginx at {Port}");
    }

    internal static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    internal static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool Listens(int port)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
