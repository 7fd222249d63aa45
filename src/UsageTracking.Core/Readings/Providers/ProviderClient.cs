using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;

namespace UsageTracking.Readings.Providers;

/// <summary>Asks a provider by HTTP with a name and a password, which it never shows and never sends in clear over a network.</summary>
public sealed class ProviderClient
{
    private const int Tries = 3;
    private const int LongestQuote = 100;
    private const int LongestAnswer = 1 << 20;

    /// <summary>How long one try may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait before the second try; before each further one as much longer.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Asks, again where that may help, and reads the answer.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="address">Where to ask instead of the provider's own address; null for that.</param>
    /// <param name="credential">The name and the password.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="UsageException"><c>InsecureUri</c>, <c>ProviderRefused</c>, <c>ProviderAnswer</c>, <c>ProviderUnavailable</c>.</exception>
    public async Task<IReadOnlyList<ProviderReading>> ReadAsync(
        IReadingProvider provider, Uri? address, NetworkCredential credential, CancellationToken cancel)
    {
        Uri uri = address ?? provider.Address;
        CheckSecure(uri);
        // Where a redirection leads, the credentials must not follow.
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.All };
        using var client = new HttpClient(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LongestAnswer };
        string reason = "";
        for (int tries = 1; tries <= Tries; tries++)
        {
            if (tries > 1)
                await Task.Delay(Pause * (tries - 1), cancel);

            try
            {
                (HttpStatusCode status, Uri? location, string text) = await AskAsync(client, uri, credential, cancel);
                if (!IsTemporary(status))
                    return Judge(provider, uri, status, location, text, credential);

                reason = FormattableString.Invariant($"it answered {(int)status} {status}");
            }
            catch (HttpRequestException error) when (error.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
            {
                throw Unexpected(provider, uri, FormattableString.Invariant($"it has more than {LongestAnswer:N0} bytes"), "");
            }
            catch (HttpRequestException error)
            {
                reason = error.Message.TrimEnd('.');
                if (error.InnerException is { } inner && !reason.Contains(inner.Message.TrimEnd('.'), StringComparison.Ordinal))
                    reason += $" ({inner.Message.TrimEnd('.')})";
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                reason = FormattableString.Invariant($"no answer within {Timeout.TotalSeconds:0.###} s");
            }
        }

        throw new UsageException(UsageErrorKind.StoreUnavailable, "ProviderUnavailable",
            $"{provider.Name} cannot be reached at {Show(uri)}: {reason}. Tried {Tries} times; try again later.", Show(uri));
    }

    private async Task<(HttpStatusCode Status, Uri? Location, string Text)> AskAsync(
        HttpClient client, Uri uri, NetworkCredential credential, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Timeout);
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Encode(credential));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using HttpResponseMessage response = await client.SendAsync(request, patience.Token);
        return (response.StatusCode, response.Headers.Location, Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(patience.Token)));
    }

    private static IReadOnlyList<ProviderReading> Judge(
        IReadingProvider provider, Uri uri, HttpStatusCode status, Uri? location, string text, NetworkCredential credential)
    {
        switch ((int)status)
        {
            case 401 or 403:
                throw new UsageException(UsageErrorKind.StoreNotReady, "ProviderRefused",
                    FormattableString.Invariant($"{provider.Name} at {Show(uri)} refuses the credentials ({(int)status}). Check the name and the password given with -Credential."), Show(uri));
            case >= 300 and < 400:
                string target = location is null ? "elsewhere" : $"to {Show(new Uri(uri, location))}";
                throw Unexpected(provider, uri, $"it leads {target}, where the credentials are not sent; if that is right, give it as -Uri", "");
            case < 200 or >= 300:
                throw Unexpected(provider, uri, FormattableString.Invariant($"its status is {(int)status} {status}"), Hide(text, credential));
        }

        try
        {
            return provider.Read(text);
        }
        catch (FormatException error)
        {
            throw Unexpected(provider, uri, error.Message, Hide(text, credential));
        }
    }

    private static bool IsTemporary(HttpStatusCode status) => (int)status >= 500 || status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;

    private static void CheckSecure(Uri uri)
    {
        if (!uri.IsAbsoluteUri || (uri.Scheme != Uri.UriSchemeHttps && !(uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)))
        {
            throw UsageException.Invalid("InsecureUri",
                "The address would send the password in clear, or is none of the web. Give one that begins with https://; http:// is for this computer only.",
                uri.IsAbsoluteUri ? Show(uri) : uri.OriginalString);
        }
    }

    private static UsageException Unexpected(IReadingProvider provider, Uri uri, string what, string text)
    {
        string quote = string.Concat(text.Take(LongestQuote).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return new UsageException(UsageErrorKind.StoreNotReady, "ProviderAnswer",
            $"{provider.Name} at {Show(uri)} gave an unexpected answer: {what}. Expected: {provider.Expected}{(quote.Length == 0 ? "" : $" Answered: {quote}")}", Show(uri));
    }

    // A server may send back what it was sent, as its kind of answer writes it.
    private static string Hide(string text, NetworkCredential credential) => credential.Password.Length == 0
        ? text
        : new[]
        {
            credential.Password, Encode(credential), WebUtility.HtmlEncode(credential.Password), WebUtility.UrlEncode(credential.Password),
            Uri.EscapeDataString(credential.Password), JavaScriptEncoder.Default.Encode(credential.Password),
            JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(credential.Password),
        }.OrderByDescending(s => s.Length).Aggregate(text, (t, secret) => t.Replace(secret, "***", StringComparison.Ordinal));

    private static string Encode(NetworkCredential credential) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.UserName}:{credential.Password}"));

    // Without the user and the query, in which there may be a password too.
    private static string Show(Uri uri) => uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
