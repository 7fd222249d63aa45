BeforeAll {
    . $PSScriptRoot/Common.ps1
    if (-not ('UsageTracking.Testing.ProviderServer' -as [type])) { Add-Type -Path $PSScriptRoot/ProviderServer.cs }
    $server = [UsageTracking.Testing.ProviderServer]::new()
    [pscredential]::new('me', (ConvertTo-SecureString 'se:cret' -AsPlainText)) | Export-Clixml "$TestDrive/credential.xml"
    $run = @{
        Page           = "$TestDrive/page.html"
        Limit          = 100
        LoginFile      = "$TestDrive/credential.xml"
        TimeZone       = 'Europe/London'
        Store          = "$TestDrive/broadband.db"
        Uri            = $server.Address + 'info?JSON=0'
    }
    $answer = '{"login":[{"broadband":[{"ID":"1","quota_left":"' + '{0}' + '"}]}]}'

    function Invoke-Example { & $PSScriptRoot/../examples/HomeBroadband.ps1 @run @args }
}

AfterAll {
    $server.Dispose()
    Disconnect-UsageStore
}

Describe 'examples/HomeBroadband.ps1' {
    It 'asks, records, and writes the page, as often as it is run' {
        $server.Answer(200, $answer.Replace('{0}', '60123456789'))
        $first = Invoke-Example
        $first[0].Value, $first[0].Interpretation, $first[0].Usage | Should -Be 60.123456789, Opening, 39.876543211
        $first[1].FullName | Should -Be (Get-Item $run.Page).FullName
        (Get-Content $run.Page -Raw) -match '<title>Home broadband' | Should -BeTrue

        (Invoke-Example)[0].Usage | Should -Be 0
        $server.Reset()
        $server.Answer(200, $answer.Replace('{0}', '5123456789'))
        $third = Invoke-Example
        $third[0].Usage | Should -Be 55
        $third[2].Message | Should -Be 'CRITICAL: bandwidth usage at 94% - 94.877GB/100GB'
        (Get-UsageBurndown bandwidth | Where-Object IsPartial).Actual | Should -Be 5.123456789
        (Get-UsageQuota bandwidth).Used | Should -Be 94.876543211
    }

    It 'writes the page also where the provider is away' {
        $server.Reset()
        $server.Answer(401, 'no')
        Remove-Item $run.Page
        Invoke-Example 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | ForEach-Object FullyQualifiedErrorId |
            Should -BeLike 'ProviderRefused,*'
        (Get-Content $run.Page -Raw) -match '5.12 of 100 GB left' | Should -BeTrue
    }
}
