using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using UsageTracking.Readings.Providers;

namespace UsageTracking.Tests.Readings;

/// <summary>Asks a real server on this computer.</summary>
public sealed class ProviderTests : IDisposable
{
    private const string TwoLogins =
        """
        {"login":[
          {"broadband":[{"ID":"31","quota_left":"60123456789"},{"ID":32,"quota_left":39999999999}]},
          {"broadband":[{"quota_left":"5000000000","postcode":"X"},{"ID":"","quota_left":1e9}],"voip":[]}
        ]}
        """;

    private readonly HttpListener _listener = new();
    private readonly Uri _uri;
    private readonly List<string> _asked = [];
    private Func<HttpListenerContext, Task> _answer = c => SendAsync(c, 200, TwoLogins);

    public ProviderTests()
    {
        _uri = new Uri($"http://127.0.0.1:{FreePort()}/info?JSON=0");
        _listener.Prefixes.Add(_uri.GetLeftPart(UriPartial.Authority) + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _listener.Close();

    [Fact]
    public async Task Every_line_of_every_login_is_a_meter()
    {
        IReadOnlyList<ProviderReading> readings = await AskAsync();

        Assert.Equal(["31 60123456789", "32 39999999999", "login 2 line 1 5000000000", "login 2 line 2 1e9"], readings.Select(r => $"{r.Meter} {r.Value}"));
        Assert.All(readings, r => Assert.True(r.InBytes));
        // Two lines of the original's example.
        Assert.Equal(100.123456788m, readings.Take(2).Sum(r => decimal.Parse(r.Value, CultureInfo.InvariantCulture)) / 1_000_000_000);
        Assert.Equal(["/info?JSON=0 me:se:cret"], _asked);
    }

    [Fact]
    public async Task Logins_without_broadband_and_lines_without_a_quota_are_passed_over()
    {
        _answer = c => SendAsync(c, 200, """{"login":[{"voip":[{}]},{"broadband":[{"ID":"1"},{"ID":"2","quota_left":null},{"ID":"3","quota_left":"7"}]}]}""");

        Assert.Equal(["3"], (await AskAsync()).Select(r => r.Meter));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task Refused_credentials_are_said_and_not_tried_again(int status)
    {
        _answer = c => SendAsync(c, status, "no");

        UsageException error = await FailsAsync("ProviderRefused");

        Assert.Contains("-Credential", error.Message, StringComparison.Ordinal);
        Assert.Single(_asked);
    }

    [Fact]
    public async Task A_server_in_trouble_is_asked_again()
    {
        _answer = c => SendAsync(c, _asked.Count == 1 ? 503 : _asked.Count == 2 ? 429 : 200, TwoLogins);

        Assert.Equal(4, (await AskAsync()).Count);
        Assert.Equal(3, _asked.Count);
    }

    [Fact]
    public async Task A_server_that_stays_in_trouble_is_given_up()
    {
        _answer = c => SendAsync(c, 500, "");

        UsageException error = await FailsAsync("ProviderUnavailable");

        Assert.Contains("500 InternalServerError", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, _asked.Count);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_after_three_times_the_patience()
    {
        _answer = _ => Task.Delay(TimeSpan.FromSeconds(30), Cancel);

        UsageException error = await FailsAsync("ProviderUnavailable", TimeSpan.FromMilliseconds(200));

        Assert.Contains("no answer within 0.2 s", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, _asked.Count);
    }

    [Fact]
    public async Task A_slow_answer_counts_in_full()
    {
        _answer = async c =>
        {
            c.Response.ContentLength64 = 1000;
            await c.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes("{"), Cancel);
            await c.Response.OutputStream.FlushAsync(Cancel);
            await Task.Delay(TimeSpan.FromSeconds(30), Cancel);
        };

        await FailsAsync("ProviderUnavailable", TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task Nobody_at_the_address_is_said()
    {
        _listener.Stop();

        Assert.Contains("refused", (await FailsAsync("ProviderUnavailable")).Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(200, "<html>Log in</html>", "it is no JSON")]
    [InlineData(200, "", "it is no JSON")]
    [InlineData(200, "[]", "no line has a quota_left")]
    [InlineData(200, """{"login":{"broadband":1}}""", "no line has a quota_left")]
    [InlineData(200, """{"login":[{"broadband":[{"quota_left":"unlimited"}]}]}""", "a quota_left is no number")]
    [InlineData(404, "gone", "its status is 404 NotFound")]
    [InlineData(204, "", "it is no JSON")]
    public async Task Another_answer_than_expected_is_quoted(int status, string text, string expected)
    {
        _answer = c => SendAsync(c, status, text);

        UsageException error = await FailsAsync("ProviderAnswer");

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("Expected: {\"login\":[{\"broadband\":[{\"quota_left\":\"<bytes>\"}]}]}", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(text.Length == 0 ? "]}]}" : $"Answered: {text}", error.Message, StringComparison.Ordinal);
        Assert.Single(_asked);
    }

    [Fact]
    public async Task A_quotation_is_short_and_without_the_credentials()
    {
        _answer = c => SendAsync(c, 200, "\r\nse:cret " + c.Request.Headers["Authorization"] + new string('x', 5000));

        UsageException error = await FailsAsync("ProviderAnswer");

        Assert.InRange(error.Message.Length, 0, 400);
        Assert.Contains("Answered: *** Basic ***xxx", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"password\":\"a\\\"b&c d\"}", "{\"password\":\"***\"}")]
    [InlineData("{\"password\":\"a\\u0022b\\u0026c d\"}", "{\"password\":\"***\"}")]
    [InlineData("<p>a&quot;b&amp;c d</p>", "<p>***</p>")]
    [InlineData("p=a%22b%26c%20d", "p=***")]
    [InlineData("p=a%22b%26c+d", "p=***")]
    public async Task A_quotation_is_without_the_password_however_it_is_written(string answer, string quoted)
    {
        _answer = c => SendAsync(c, 400, answer);

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => new ProviderClient().ReadAsync(
            ReadingProviders.Find("AndrewsArnold"), _uri, new NetworkCredential("me", "a\"b&c d"), Cancel));

        Assert.EndsWith($"Answered: {quoted}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_is_in_the_answer_by_chance_does_not_spoil_it()
    {
        _answer = c => SendAsync(c, 200, """{"login":[{"broadband":[{"quota_left":"51234000"}]}]}""");

        IReadOnlyList<ProviderReading> readings = await new ProviderClient().ReadAsync(
            ReadingProviders.Find("AndrewsArnold"), _uri, new NetworkCredential("me", "1234"), Cancel);

        Assert.Equal("51234000", Assert.Single(readings).Value);
    }

    [Fact]
    public async Task An_answer_without_an_end_is_not_taken_in()
    {
        _answer = c => SendAsync(c, 200, new string(' ', (1 << 20) + 1));

        Assert.Contains("more than 1,048,576 bytes", (await FailsAsync("ProviderAnswer")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_do_not_follow_a_redirection()
    {
        _answer = c =>
        {
            c.Response.RedirectLocation = $"http://localhost:{_uri.Port}/other?secret=1";
            return SendAsync(c, 302, "");
        };

        UsageException error = await FailsAsync("ProviderAnswer");

        Assert.Contains($"it leads to http://localhost:{_uri.Port}/other, where", error.Message, StringComparison.Ordinal);
        Assert.Single(_asked);
    }

    [Theory]
    [InlineData("http://192.0.2.1/info")]
    [InlineData("http://127.0.0.1.example.org/info")]
    [InlineData("ftp://127.0.0.1/info")]
    [InlineData("file:///etc/passwd")]
    [InlineData("info")]
    public async Task Credentials_go_only_over_https_or_to_this_computer(string address)
    {
        UsageException error = await Assert.ThrowsAsync<UsageException>(() => new ProviderClient().ReadAsync(
            ReadingProviders.Find("AndrewsArnold"), new Uri(address, UriKind.RelativeOrAbsolute), new NetworkCredential("me", "p"), Cancel));

        Assert.Equal((UsageErrorKind.InvalidInput, "InsecureUri"), (error.Kind, error.ErrorId));
    }

    [Fact]
    public async Task Cancelling_ends_the_call_at_once()
    {
        _answer = _ => Task.Delay(TimeSpan.FromSeconds(30), Cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        stop.CancelAfter(100);
        long started = Environment.TickCount64;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ProviderClient().ReadAsync(
            ReadingProviders.Find("AndrewsArnold"), _uri, new NetworkCredential("me", "p"), stop.Token));

        Assert.InRange(Environment.TickCount64 - started, 0, 5000);
    }

    [Fact]
    public void Providers_are_found_in_any_case_and_have_secure_addresses()
    {
        Assert.Equal("AndrewsArnold", ReadingProviders.Find("andrewsarnold").Name);
        Assert.All(ReadingProviders.All, p => Assert.Equal("https", p.Address.Scheme));
        UsageException error = Assert.Throws<UsageException>(() => ReadingProviders.Find("Nobody"));
        Assert.Equal((UsageErrorKind.NotFound, "UnknownProvider"), (error.Kind, error.ErrorId));
        Assert.Contains("AndrewsArnold", error.Message, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<ProviderReading>> AskAsync(TimeSpan? timeout = null) =>
        await new ProviderClient { Timeout = timeout ?? TimeSpan.FromSeconds(10), Pause = TimeSpan.FromMilliseconds(5) }
            .ReadAsync(ReadingProviders.Find("AndrewsArnold"), _uri, new NetworkCredential("me", "se:cret"), Cancel);

    private async Task<UsageException> FailsAsync(string errorId, TimeSpan? timeout = null)
    {
        UsageException error = await Assert.ThrowsAsync<UsageException>(() => AskAsync(timeout));
        Assert.Equal(errorId, error.ErrorId);
        Assert.DoesNotContain("cret", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("bWU6c2U6Y3JldA==", error.ToString(), StringComparison.Ordinal);
        return error;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                string credentials = Encoding.UTF8.GetString(Convert.FromBase64String(context.Request.Headers["Authorization"]!["Basic ".Length..]));
                lock (_asked)
                    _asked.Add($"{context.Request.RawUrl} {credentials}");

                _ = AnswerAsync(context);
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            await _answer(context);
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // The client is gone.
        }
    }

    private static async Task SendAsync(HttpListenerContext context, int status, string text)
    {
        byte[] body = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentLength64 = body.Length;
        if (body.Length > 0)
            await context.Response.OutputStream.WriteAsync(body, Cancel);

        context.Response.Close();
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
