BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    $script:hasQuotas = [bool] (Get-Command Set-UsageQuota -ErrorAction Ignore)
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    Add-Type -TypeDefinition @'
using System;
using System.Collections.Generic;
using System.Net;
using System.Text;
using System.Threading.Tasks;

namespace UsageTracking.Testing
{
    /// A provider on this computer: gives its answers one after the other, and the last one again and again.
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
'@
    $server = [UsageTracking.Testing.ProviderServer]::new()
    $credential = [pscredential]::new('me', (ConvertTo-SecureString 'se:cret' -AsPlainText))
    $ask = @{ Credential = $credential; Uri = $server.Address + 'info?JSON=0' }

    function Get-Answer([string] $First, [string] $Second) {
        '{"login":[{"broadband":[{"ID":"31457","quota_left":"' + $First + '"},{"ID":31458,"quota_left":' + $Second + '}]}]}'
    }
}

AfterAll { $server.Dispose() }

foreach ($kind in Get-TestStore) {
    Describe "Update-UsageReading to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind -Empty
            $address = Get-TestAddress $store
            Connect-UsageStore @address -WarningAction SilentlyContinue
            Initialize-UsageStore -Confirm:$false
            Connect-UsageStore @address -DecimalUnits
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            $server.Reset()
            $script:customer = 'c-' + [guid]::NewGuid().ToString('N')
            $script:my = @{ CustomerId = $customer }
        }

        It 'records every line of an answer as one step' -Skip:(-not $hasQuotas) {
            $null = Set-UsageQuota bandwidth -Limit 100 @my
            $server.Answer(200, (Get-Answer 60123456789 39999999999))
            $server.Answer(200, (Get-Answer 59123456789 39999999999))

            $readings = Update-UsageReading @ask @my
            $readings | ForEach-Object { "$($_.Meter) $($_.Value) $($_.Kind) $($_.Interpretation) $($_.Usage) $($_.Allowance)" } |
                Should -Be '31457 60.123456789 Remaining Opening 0 0.123456788', '31458 39.999999999 Remaining Opening 0 0'
            ($readings.Timestamp | Select-Object -Unique).Count | Should -Be 1

            (Update-UsageReading AndrewsArnold @ask @my).Usage | Should -Be 1, 0
            (Get-Usage bandwidth @my).Quantity | Should -Be 1
            $server.Asked | Select-Object -Unique | Should -Be ('Basic ' + [convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes('me:se:cret')))
        }

        It 'records only the lines that were asked for' -Skip:(-not $hasQuotas) {
            $null = Set-UsageQuota bandwidth -Limit 100 @my
            $server.Answer(200, (Get-Answer 60123456789 39999999999))
            (Update-UsageReading @ask @my -Meter *58).Usage | Should -Be 60.000000001
        }

        It 'says that it needs a quota' {
            $server.Answer(200, (Get-Answer 1 2))
            { Update-UsageReading @ask @my -ErrorAction Stop } | Should -Throw -ErrorId 'QuotaNotFound,*'
            Invoke-Sql $store "select count(*) from usage_readings where customer_id = '$customer'" | Should -Be 0
        }

        It 'names the lines there are where none is the one asked for' {
            $server.Answer(200, (Get-Answer 1 2))
            { Update-UsageReading @ask @my -Meter line* -ErrorAction Stop } | Should -Throw -ErrorId 'MeterNotFound,*' -ExpectedMessage '*31457, 31458*'
        }

        It 'ends with <Id> where the provider answers <Status>' -ForEach @(
            @{ Status = 401; Text = 'who?'; Id = 'ProviderRefused'; Tries = 1 }
            @{ Status = 200; Text = '<html>'; Id = 'ProviderAnswer'; Tries = 1 }
            @{ Status = 503; Text = ''; Id = 'ProviderUnavailable'; Tries = 3 }
        ) {
            $server.Answer($Status, $Text)
            $problem = { Update-UsageReading @ask @my } | Should -Throw -ErrorId "$Id,*" -PassThru
            "$problem $($problem.Exception)" | Should -Not -BeLike '*cret*'
            $server.Asked.Count | Should -Be $Tries
        }

        It 'asks nobody with -WhatIf' {
            Get-HostText { Update-UsageReading @ask @my -WhatIf } | Should -BeLike '*ask AndrewsArnold*'
            $server.Asked.Count | Should -Be 0
        }

        It 'sends no password in clear' {
            { Update-UsageReading @my -Credential $credential -Uri http://192.0.2.1/ -ErrorAction Stop } | Should -Throw -ErrorId 'InsecureUri,*'
        }

        It 'knows its providers, and completes their names' {
            { Update-UsageReading Nobody @ask @my -ErrorAction Stop } | Should -Throw -ErrorId 'UnknownProvider,*' -ExpectedMessage '*AndrewsArnold*'
            $line = 'Update-UsageReading -Provider an'
            (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be AndrewsArnold
        }

        It 'stops within a second' {
            $server.Answer(0, '')
            $shell = [powershell]::Create().AddCommand('Import-Module').AddArgument("$PSScriptRoot/../module/UsageTracking.psd1").AddStatement().
                AddCommand('Update-UsageReading').AddParameters($ask + $my)
            try {
                $running = $shell.BeginInvoke()
                while ($server.Asked.Count -eq 0 -and -not $running.IsCompleted) { Start-Sleep -Milliseconds 20 }
                $watch = [System.Diagnostics.Stopwatch]::StartNew()
                $shell.Stop()
                $watch.ElapsedMilliseconds | Should -BeLessThan 1000
            }
            finally {
                $shell.Dispose()
            }
        }
    }
}
