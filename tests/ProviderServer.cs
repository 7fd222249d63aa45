using System;
using System.Collections.Generic;
using System.Net;
using System.Text;
using System.Threading.Tasks;

namespace UsageTracking.Testing
{
    /// <summary>A provider on this computer: gives its answers one after the other, and the last one again and again.</summary>
    public sealed class ProviderServer : IDisposable
    {
        private readonly HttpListener _listener = new HttpListener();
        private readonly Queue<Tuple<int, string>> _answers = new Queue<Tuple<int, string>>();

        public ProviderServer()
        {
            var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            int port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            Address = "http://127.0.0.1:" + port + "/";
            _listener.Prefixes.Add(Address);
            _listener.Start();
            Task.Run(Serve);
        }

        public string Address { get; }

        public List<string> Asked { get; } = new List<string>();

        public void Answer(int status, string text) { lock (_answers) _answers.Enqueue(Tuple.Create(status, text)); }

        public void Reset() { lock (_answers) { _answers.Clear(); Asked.Clear(); } }

        public void Dispose() => _listener.Close();

        private async Task Serve()
        {
            while (_listener.IsListening)
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                Tuple<int, string> answer;
                lock (_answers)
                {
                    Asked.Add(context.Request.Headers["Authorization"]);
                    answer = _answers.Count > 1 ? _answers.Dequeue() : _answers.Peek();
                }

                // A status of 0 is no answer at all.
                if (answer.Item1 == 0)
                    continue;

                byte[] body = Encoding.UTF8.GetBytes(answer.Item2);
                context.Response.StatusCode = answer.Item1;
                context.Response.OutputStream.Write(body, 0, body.Length);
                context.Response.Close();
            }
        }
    }
}
