using Ringfence.Lists;
using Xunit;

namespace Ringfence.Tests.Lists;

public sealed class ColumnReaderTests
{
    /// <summary>Header rows of systems and languages; <c>header = field word</c>, as <see cref="ListFields"/> spells it.</summary>
    [Theory]
    [InlineData("lead_id = id; full_name = name; company = company; country = country; state = state; phone = phone; alt_phone = other-phone; email = email; source = source; phone_consent = consent.voice; consent_date = consent-date.voice; consent_wording = consent-wording.voice; email_opt_in = consent.email; last_activity = last-activity; created_at = created; notes = notes")]
    [InlineData("线索编号 = id; 姓名 = name; 公司 = company; 国家/地区 = country; 省/州 = state; 电话 = phone; 备用电话 = other-phone; 邮箱 = email; 来源 = source; 是否同意电话营销 = consent.voice; 同意时间 = consent-date.voice; 同意条款 = consent-wording.voice; 邮件订阅 = consent.email; 最近互动 = last-activity; 创建时间 = created; 备注 = notes")]
    [InlineData("編號 = id; 姓名 = name; 公司 = company; 國家／地區 = country; 電話 = phone; 備用電話 = other-phone; 電郵 = email; 來源 = source; 是否同意電話行銷 = consent.voice; 同意時間 = consent-date.voice; 電郵訂閱 = consent.email; 最近互動 = last-activity; 建立時間 = created; 備註 = notes; 拒絕來電 = refusal.voice+voice-auto+sms+whatsapp+fax; 免打擾 = refusal; 退訂 = refusal")]
    [InlineData("Kundennr. = id; Vorname = given-name; Name = family-name; Firma = company; Land = country; Bundesland = state; Telefonnummer = phone; Handy = other-phone; E-Mail-Adresse = email; Herkunft = source; Telefonwerbung erlaubt = consent.voice; Einwilligung vom = consent-date.voice; Einwilligungstext = consent-wording.voice; Letzte Aktivität = last-activity; Angelegt am = created; Bemerkung = notes; Werbesperre = refusal; Geburtsdatum = born; gesperrt = refusal; Einwilligung gültig bis = consent-until")]
    [InlineData("Prénom = given-name; Nom = family-name; Société = company; Pays = country; Téléphone = phone; Portable = other-phone; Courriel = email; Origine = source; Consentement téléphone = consent.voice; Date du consentement = consent-date.voice; Dernière activité = last-activity; Remarques = notes; Désabonné = refusal; Date de naissance = born; Opposition au démarchage = refusal.voice+voice-auto+sms+whatsapp+fax")]
    [InlineData("Nombre = given-name; Apellidos = family-name; Empresa = company; País = country; Provincia = state; Teléfono = phone; Móvil = other-phone; Correo electrónico = email; Origen = source; Consentimiento telefónico = consent.voice; Fecha de consentimiento = consent-date.voice; Observaciones = notes; Baja = refusal; Fecha de alta = created")]
    [InlineData("Nome = given-name; Cognome = family-name; Azienda = company; Paese = country; Telefono = phone; Cellulare = other-phone; Fonte = source; Consenso telefonico = consent.voice; Data consenso = consent-date.voice; Ultima attività = last-activity; Data creazione = created; Note = notes; Disiscritto = refusal")]
    [InlineData("Nome = given-name; Sobrenome = family-name; Telefone = phone; Celular = other-phone; Origem = source; Consentimento para ligações = consent.voice; Data do consentimento = consent-date.voice; Data de cadastro = created; Observações = notes; Descadastrado = refusal")]
    [InlineData("Voornaam = given-name; Achternaam = family-name; Bedrijf = company; Telefoonnummer = phone; Mobiel = other-phone; Herkomst = source; Toestemming telefonisch = consent.voice; Datum toestemming = consent-date.voice; Opmerkingen = notes; Uitgeschreven = refusal")]
    [InlineData("FirstName = given-name; LastName = family-name; AccountName = company; MobilePhone = other-phone; Phone = phone; AssistantPhone = none; Fax = none; HasOptedOutOfEmail = refusal.email; DoNotCall = refusal.voice+voice-auto+sms+whatsapp+fax; MailingCity = none; MailingState = state; MailingCountry = country; LeadSource = source; LastActivityDate = last-activity; LastModifiedDate = none; OwnerId = none; Description = notes")]
    [InlineData("Record ID = id; Contact owner = none; Phone Number = phone; Mobile Phone Number = other-phone; Unsubscribed from all email = refusal.email; Marketing contact status = consent; Legal basis for processing contact's data = consent-method; Original Source = source; Country/Region = country; Create Date = created")]
    [InlineData("Email Address = email; OPTIN_TIME = consent-date; OPTIN_IP = none; CONFIRM_TIME = none; LAST_CHANGED = none; UNSUB_TIME = refusal; TAGS = notes; NOTES = notes")]
    [InlineData("Full Name = name; Business Phone = other-phone; Mobile Phone = phone; Do not allow Phone Calls = refusal.voice+voice-auto+sms+whatsapp+fax; Do not allow Emails = refusal.email; (Do Not Modify) Contact = none; Created On = created")]
    [InlineData("E-mail 1 - Value = email; E-mail 1 - Label = none; Phone 1 - Label = none; Phone 1 - Value = phone; Phone 2 - Value = other-phone; Labels = notes; Birthday = born")]
    [InlineData("Person - Name = name; Person - Phone = phone; Person - Organization = company; Person - Owner = none; Accepts SMS Marketing = consent.sms; Email Opt Out = refusal.email")]
    [InlineData("sms_opt_in = consent.sms; sms_opt_in_date = consent-date.sms; whatsapp_consent = consent.whatsapp; opt_in = consent; opt-in date = consent-date; robocall_consent = consent.voice-auto; consent_expires = consent-until; DNC = refusal; do_not_contact = refusal; Opt-In/Opt-Out = consent; terms_accepted = none; privacy policy accepted = none")]
    [InlineData("call result = notes; disposition = notes; lead_status = notes; tags = notes; preferred_channel = notes; ringfence_phone_consent = none; 跟进记录 = notes; 通话结果 = notes")]
    [InlineData("手机号码* = phone; 电话2 = other-phone; 客户姓名 = name; 短信营销同意 = consent.sms; 短信同意日期 = consent-date.sms; 黑名单 = refusal; 负责人 = none; 同意有效期至 = consent-until; 出生日期 = born; 年龄 = age")]
    [InlineData("\ufeffPhone = phone; ｅｍａｉｌ = email; COMPANY NAME = company; Phone Type = none; Phone verified = none; Number of calls = none")]
    [InlineData("Telefon (privat) = other-phone; TELEFON* = phone; e-mail [primary] = email; Contact Number = other-phone; Not Interested = refusal")]
    [InlineData("客户名称 = company; 联系人 = name; 联系方式 = phone; 地址 = none; 拜访记录 = notes; 添加人 = none; 是否允许短信 = consent.sms")]
    [InlineData("First = given-name; Last = family-name; Cell = phone; Text OK? = consent.sms; Call OK? = consent.voice; Email OK? = consent.email; Consent (Y/N) = consent")]
    [InlineData("PhoneNumber = phone; SmsOptIn = consent.sms; VoiceOptIn = consent.voice; OptInDate = consent-date.voice+sms; OptInSource = consent-method.voice+sms; OptInText = consent-wording.voice+sms")]
    [InlineData("Telefono = phone; Consenso marketing = consent; Consenso profilazione = none; Consenso cessione a terzi = none; optin_ts = consent-date; Einwilligungsart = consent-method")]
    [InlineData("Mobile = phone; Name = name")]
    [InlineData("手机 = phone; 称呼 = name")]
    public void Headers_are_understood(string row)
    {
        var pairs = row.Split("; ").Select(p => p.Split(" = ")).ToList();
        var understood = ColumnReader.Understand([.. pairs.Select(p => p[0])], [], []);
        Assert.True(understood.HasHeader);
        Assert.Equal(pairs.Select(p => $"{p[0]} = {p[1]}"), understood.Columns.Select(c => $"{c.Header} = {c.Field.Word(c.Channels)}"));
    }

    [Theory]
    [InlineData("consent withdrawn", "refusal")]
    [InlineData("phone_consent_revoked", "refusal.voice+voice-auto+sms+whatsapp+fax")]
    [InlineData("Einwilligung widerrufen", "refusal")]
    [InlineData("同意撤回", "refusal")]
    [InlineData("consent missing", "refusal")]
    [InlineData("consent expired", "refusal")]
    [InlineData("do not call / unsubscribed", "refusal.voice+voice-auto+sms+whatsapp+fax")]
    [InlineData("GDPR erasure", "refusal")]
    [InlineData("is_deleted", "refusal")]
    [InlineData("not interested", "refusal")]
    [InlineData("no marketing calls", "refusal.voice+voice-auto+sms+whatsapp+fax")]
    [InlineData("Kein Newsletter", "refusal.email")]
    [InlineData("consent required", "none")]
    [InlineData("not opted out", "none")]
    [InlineData("newsletter", "consent.email")]
    [InlineData("VIP", "none")]
    public void What_a_yes_under_a_header_means(string header, string word)
    {
        var column = Read($"phone,{header}", "+49 30 1234567,yes", "+49 30 1234568,no", "+49 30 1234569,yes")[1];
        Assert.Equal(word, column.Field.Word(column.Channels));
    }

    [Fact]
    public void A_link_to_refuse_by_is_no_refusal_and_a_number_under_no_is_a_number()
    {
        var columns = Read("No Phone,unsubscribe link", "+49 30 1234567,https://example.org/u/1", "+49 30 1234568,https://example.org/u/2");
        Assert.Equal([ListField.Phone, ListField.None], columns.Select(c => c.Field));
    }

    [Fact]
    public void A_header_that_its_content_confirms_is_sure()
    {
        var columns = Read("phone,consent,notes,shoe size", "+49 30 1234567,yes,called,42", "030 7654321,no,,43");
        Assert.Equal([ReadingCertainty.Sure, ReadingCertainty.Sure, ReadingCertainty.Sure, ReadingCertainty.Guess], columns.Select(c => c.Certainty));
    }

    [Fact]
    public void Where_header_and_content_contradict_the_content_wins_less_surely()
    {
        var columns = Read("phone,email,consent,company", "a@example.org,+49 30 1234567,2024-01-05,01.02.2024", "b@example.org,030 7654321,2024-02-17,03.02.2024");
        Assert.Equal([ListField.Email, ListField.Phone, ListField.ConsentAt, ListField.None], columns.Select(c => c.Field));
        Assert.All(columns, c => Assert.NotEqual(ReadingCertainty.Sure, c.Certainty));
        Assert.All(columns, c => Assert.Equal(ReadingGround.Content, c.Ground));
    }

    [Fact]
    public void A_list_without_a_header_is_recognised_by_its_content()
    {
        var understood = ColumnReader.Understand(
            ["Anna Schmidt", "anna@example.org", "030 23125 001", "Germany", "2024-03-01", "opt-in", "met at the fair, please call"],
            [
                ["Bernd Muster", "bernd@example.org", "030 23125 002", "Austria", "2024-03-02", "opted out", ""],
                ["Clara Beispiel", "clara@example.org", "030 23125 003", "", "2024-03-07", "opt-in", "do not call again please"],
            ], []);
        Assert.False(understood.HasHeader);
        Assert.Equal(
            [ListField.Name, ListField.Email, ListField.Phone, ListField.Country, ListField.CreatedAt, ListField.Consent, ListField.Notes],
            understood.Columns.Select(c => c.Field));
        Assert.Equal("column 3", understood.Columns[2].Header);
        Assert.All(understood.Columns, c => Assert.Equal(ReadingGround.Content, c.Ground));
    }

    [Fact]
    public void Bare_yes_and_no_without_a_header_is_no_consent()
    {
        var columns = Read("a,b", "+49 30 1234567,yes", "+49 30 1234568,no", "+49 30 1234569,yes");
        Assert.Equal([ListField.Phone, ListField.None], columns.Select(c => c.Field));
    }

    [Fact]
    public void Text_that_nobody_claims_is_notes_for_a_refusal_may_stand_in_it()
    {
        var columns = Read("phone,xyzzy", "+49 30 1234567,wants an offer soon", "+49 30 1234568,please do not ring again");
        Assert.Equal((ListField.Notes, ReadingCertainty.Guess), (columns[1].Field, columns[1].Certainty));
    }

    [Fact]
    public void A_status_column_that_answers_is_a_consent()
    {
        var columns = Read("email,status,stage", "a@example.org,subscribed,new", "b@example.org,unsubscribed,won", "c@example.org,cleaned,new");
        Assert.Equal([ListField.Email, ListField.Consent, ListField.Notes], columns.Select(c => c.Field));
    }

    [Fact]
    public void An_empty_main_number_yields_to_the_mobile_that_is_filled()
    {
        string[] rows = [.. Enumerable.Range(0, 40).Select(i => $",+49 171 39200{i:00}")];
        Assert.Equal([ListField.OtherPhone, ListField.Phone], Read("phone,mobile", rows).Select(c => c.Field));
    }

    [Theory]
    [InlineData(DateOrder.DayFirst, "03/04/2024", "18/08/2024", "2024-05-01")]
    [InlineData(DateOrder.MonthFirst, "03/04/2024", "08/18/2024", "18.08.2024")]
    [InlineData(DateOrder.Unknown, "03/04/2024", "08/18/2024", "18/08/2024")]
    [InlineData(DateOrder.Unknown, "03/04/2024", "01/02/2024", "")]
    public void The_order_of_dates_comes_from_cells_that_all_agree(DateOrder order, params string[] cells) =>
        Assert.Equal(order, Read("created_at,phone", [.. cells.Select(c => $"{c},+49 30 1234567")])[0].Dates);

    [Fact]
    public void One_date_behind_a_row_of_ticks_belongs_to_all_of_them()
    {
        var columns = Read("call_ok,sms_ok,consent_phone,consent_email,timestamp of consent");
        Assert.Equal(ChannelSet.Voice | ChannelSet.Email, columns[4].Channels);
    }

    [Fact]
    public void The_map_goes_before_header_and_content()
    {
        var understood = ColumnReader.Understand(
            ["phone", "Rufnr", "A", "x"], [["+49 30 1234567", "2", "yes", "no"]],
            [new("phone", "rufnr"), new("consent.sms", "3"), new("refusal.voice", "D"), new("consent.email", "A")]);
        Assert.Equal(["other-phone", "phone", "consent.sms+email", "refusal.voice"], understood.Columns.Select(c => c.Field.Word(c.Channels)));
        Assert.All(understood.Columns.Skip(1), c => Assert.Equal((ReadingCertainty.Sure, ReadingGround.Map), (c.Certainty, c.Ground)));
    }

    [Theory]
    [InlineData("telephone", "phone", "unknown-field")]
    [InlineData("name.sms", "phone", "unknown-field")]
    [InlineData("consent.pigeon", "phone", "unknown-field")]
    [InlineData("phone", "Rufnummer", "unknown-header")]
    [InlineData("phone", "9", "unknown-header")]
    [InlineData("phone", "", "unknown-header")]
    public void A_map_that_can_t_be_followed_says_what_would_do(string word, string header, string code)
    {
        var wrong = Assert.Throws<ColumnMapException>(() => ColumnReader.Understand(["phone", "name"], [], [new(word, header)]));
        Assert.Equal(code, wrong.Code);
        Assert.Equal(code == "unknown-field" ? word : header, wrong.Word);
        Assert.NotEmpty(wrong.Known);
    }

    [Fact]
    public void Every_field_reads_its_own_word()
    {
        foreach (var field in ListFields.All)
        {
            Assert.True(ListFields.TryParse(field.Word(), out var read, out var channels));
            Assert.Equal((field, ChannelSet.None), (read, channels));
        }

        Assert.True(ListFields.TryParse("Consent.SMS+voice", out var consent, out var both));
        Assert.Equal((ListField.Consent, ChannelSet.Sms | ChannelSet.Voice), (consent, both));
    }

    private static IReadOnlyList<ColumnReading> Read(string header, params string[] rows) =>
        ColumnReader.Understand(header.Split(','), [.. rows.Select(r => r.Split(','))], []).Columns;
}
