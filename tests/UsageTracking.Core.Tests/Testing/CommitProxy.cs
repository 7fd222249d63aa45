using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace UsageTracking.Tests.Testing;

/// <summary>Stands between a client and a PostgreSQL server, and can break a connection at its COMMIT.</summary>
public sealed class CommitProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly CancellationTokenSource _ending = new();

    public CommitProxy(string connectionString)
    {
        _server = new NpgsqlConnectionStringBuilder(connectionString);
        _listener.Start();
        // What is encrypted cannot be read on the way.
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ToString();
        _ = AcceptAsync();
    }

    public enum Cut
    {
        /// <summary>Nothing is broken.</summary>
        None,

        /// <summary>The server commits, and the client never hears of it.</summary>
        Reply,

        /// <summary>The server never hears of the COMMIT, and rolls back.</summary>
        Request,
    }

    /// <summary>The way through it.</summary>
    public string ConnectionString { get; }

    /// <summary>Called at each COMMIT: what to break.</summary>
    public Func<Cut> AtCommit { get; set; } = () => Cut.None;

    public void Dispose()
    {
        _ending.Cancel();
        _listener.Dispose();
    }

    // A simple query, with its length and its end.
    private static ReadOnlySpan<byte> Commit => "Q\0\0\0\u000bCOMMIT\0"u8;

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_ending.Token));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var server = new TcpClient();
                await server.ConnectAsync(_server.Host!, _server.Port, _ending.Token);
                client.NoDelay = server.NoDelay = true;
                await ServeAsync(client.GetStream(), server.GetStream());
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
            {
                // One of them is gone, and so is the other then.
            }
        }
    }

    /// <summary>Carries bytes both ways until either side ends, or one is to be broken.</summary>
    private async Task ServeAsync(NetworkStream client, NetworkStream server)
    {
        byte[] up = new byte[64 * 1024];
        byte[] down = new byte[64 * 1024];
        Task<int> request = client.ReadAsync(up, _ending.Token).AsTask();
        Task<int> reply = server.ReadAsync(down, _ending.Token).AsTask();
        while (true)
        {
            if (await Task.WhenAny(request, reply) == reply)
            {
                int length = await reply;
                if (length == 0)
                    return;

                await client.WriteAsync(down.AsMemory(0, length), _ending.Token);
                reply = server.ReadAsync(down, _ending.Token).AsTask();
            }
            else
            {
                int length = await request;
                // Nothing comes with it: the client has waited for the reply to what it sent before.
                Cut cut = up.AsSpan(0, length).SequenceEqual(Commit) ? AtCommit() : Cut.None;
                if (length == 0 || cut == Cut.Request)
                    return;

                await server.WriteAsync(up.AsMemory(0, length), _ending.Token);
                if (cut == Cut.Reply)
                {
                    await reply;
                    return;
                }

                request = client.ReadAsync(up, _ending.Token).AsTask();
            }
        }
    }
}
