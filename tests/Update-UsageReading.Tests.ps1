BeforeDiscovery { . $PSScriptRoot/Common.ps1 }

BeforeAll {
    . $PSScriptRoot/Common.ps1
    if (-not ('UsageTracking.Testing.ProviderServer' -as [type])) { Add-Type -Path $PSScriptRoot/ProviderServer.cs }
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

        It 'records every line of an answer as one step' {
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

        It 'records only the lines that were asked for' {
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
            # One script: of several statements PowerShell may go on after the runspace is closed.
            $shell = [powershell]::Create().AddScript({ param($module, $parameters) Import-Module $module; Update-UsageReading @parameters }).
                AddArgument("$PSScriptRoot/../module/UsageTracking.psd1").AddArgument($ask + $my)
            try {
                $running = $shell.BeginInvoke()
                while ($server.Asked.Count -eq 0 -and -not $running.IsCompleted) { Start-Sleep -Milliseconds 20 }
                $watch = [System.Diagnostics.Stopwatch]::StartNew()
                $shell.Stop()
                $watch.ElapsedMilliseconds | Should -BeLessThan 1000
                $running.AsyncWaitHandle.WaitOne(1000) | Should -BeTrue
            }
            finally {
                $shell.Dispose()
            }
        }
    }
}
