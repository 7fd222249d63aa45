using System;
using System.Buffers.Binary;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;

namespace UsageTracking.Testing;

/// <summary>Speaks PostgreSQL's protocol as far as it takes to be told a password, and then refuses it.</summary>
public sealed class PasswordServer : IDisposable
{
    private const int EncryptionRequest = 8;
    private const int CleartextPassword = 3;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public PasswordServer()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = Task.Run(ServeAsync);
    }

    public int Port { get; }

    /// <summary>The password told last, or null.</summary>
    public string Password { get; set; }

    public void Dispose() => _listener.Stop();

    private async Task ServeAsync()
    {
        while (true)
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync();
            try
            {
                Serve(client.GetStream());
            }
            catch (IOException)
            {
                // The client has gone.
            }
        }
    }

    private void Serve(NetworkStream stream)
    {
        // It is asked for TLS first, perhaps, and for GSS.
        while (ReadBody(stream).Length == EncryptionRequest - sizeof(int))
            stream.WriteByte((byte)'N');

        stream.Write([(byte)'R', 0, 0, 0, 8, 0, 0, 0, CleartextPassword]);
        if (stream.ReadByte() == 'p')
            Password = Encoding.UTF8.GetString(ReadBody(stream)).TrimEnd('\0');

        byte[] fields = Encoding.UTF8.GetBytes("SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed\0\0");
        byte[] length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, fields.Length + sizeof(int));
        stream.Write([(byte)'E', .. length, .. fields]);
    }

    private static byte[] ReadBody(NetworkStream stream)
    {
        byte[] length = new byte[sizeof(int)];
        stream.ReadExactly(length);
        byte[] body = new byte[BinaryPrimitives.ReadInt32BigEndian(length) - sizeof(int)];
        stream.ReadExactly(body);
        return body;
    }
}
