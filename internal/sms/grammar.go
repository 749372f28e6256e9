package sms

import "strings"

// The tables of this file are the judgement. They are written against one
// normalised clause: lower case, no accents, no apostrophes. In braces stands a
// class of words. What each of them must and must not catch is in
// testdata/intents.tsv: a new sentence gets its examples there, both ways.

// expandClasses puts the words for the classes of a template. Classes may
// contain classes, two deep.
func expandClasses(template string) string {
	classes := strings.NewReplacer(
		`{stop}`, `\b(?:stop|stpo|quit|cease|discontinue)`,
		`{dont}`, `\b(?:dont|do not|donot|dnt|don t|never|not to|no longer|please no|(?:can|could|would|will) (?:you|u) (?:please )?not)`,
		`{text}`, `(?:text|txt|texts|message|msg|sms|contact|spam)`,
		`{texting}`, `(?:texting|txting|textin|messaging|msging|messagin|smsing|spamming|contacting|harassing|pestering|bothering|bugging)`,
		`{texts}`, `(?:texts|txts|text messages|txt messages|messages|msgs|sms)`,
		`{anytext}`, `(?:{texts}|text|txt|text message|message|msg|texting|messaging|spam|spamming)`,
		`{stuff}`, `(?:{anytext}|anything|stuff|crap|junk|shit|bs|links?|ads?|reminders?|notifications?|updates?|offers?|promotions?)`,
		`{any}`, `(?: (?:any|anymore|any more|more|all|of|the|these|this|those|that|your|ur|my|further|future|such|from|with|w|`+
			`stupid|damn|fucking|annoying|automated|automatic|auto|marketing|promotional|unwanted|unsolicited|random|group|business|sms|spam|text))*`,

		`{phone}`, `(?:(?:this|my)(?: cell| mobile| phone| home| work)* (?:number|phone|cell|line)|my mobile)`,
		`{me}`, `(?: (?:me|us|here|at work|{phone}|(?:at|on|to) {phone}))*`,
		`{you}`, `(?:you|u|yall|you guys|you people|your company)`,
		`{list}`, `(?:lists?|data ?base|system|records|directory|contacts|group|thread|files?|{texts}|texting|text)`,
		`{kind}`, `(?:text|texting|sms|contact|contacts|call|calling|mailing|marketing|phone|message|messaging|email|company|companys|customer|customers)`,

		// words that add nothing to a refusal, and where it ends: with the clause, or where a new sentence begins without a full stop
		`{tail}`, `(?: (?:anymore|any more|no more|again|ever|please|pls|plz|at all|now|right now|already|immediately|asap|permanently|for good|for ever|forever|`+
			`period|in the future|under any circumstances|by text|by sms|with{any} {texts}|going forward|sir|man|dude|bro|ok|okay|lol|guys|{you}|thanks|thank you|thx|ty|`+
			`(?:from|to|on) (?:{you}|{phone}|your number|your business|this company)))*`,
		`{end}`, `(?:$| (?:and|but|because|cause|cuz|since|or|i|im|ive|id|ill|we|weve|were|your|youre|its|thats|this is|he|she|they|`+
			`who|what|why|how|have|do|does|no|not|never|already|got|found|wrong|stop|you|u|otherwise|before i)\b)`,
	)
	return classes.Replace(classes.Replace(classes.Replace(template)))
}

// topic is a set of sentences that can only stand where one of the cues stands.
type topic struct {
	cues      string // parts of words, separated by spaces
	sentences []string
}

// courtesies add nothing to a keyword.
const courtesies = `\b(?:please|plz+|pls|plse|pleas|pleaze|kindly|thanks|thank you|thankyou|thx|thnx|tks|sir|maam` +
	`|por favor|porfavor|porfa|gracias|merci|sil vous plait|s il vous plait|svp|obrigad[oa]|por gentileza)\b`

// stopItself is nothing but "stop" and impatience.
func stopItself() topic {
	return topic{"stop quit", []string{
		`^(?:(?:please|pls|plz|just|ok|okay|seriously|hey|yo|hi|hello|enough|omg|wtf|no|yes|oh|sir|guys|man|dude|bro|` +
			`(?:i|ive) (?:already |just )?(?:said|told|asked|am asking|am telling|want|need)(?: you)?(?: to)?|` +
			`im (?:asking|telling|begging)(?: you)?(?: to)?|id like(?: you)? to|i would like(?: you)? to|` +
			`you (?:need to|must|should|have to|better)|u need to) )*(?:stop|quit)` +
			`(?: (?:it|this|that|all|everything|already|now|right now|immediately|asap|please|bro|dude|man|sir|thanks|thank you))*$`,
	}}
}

// stopFirst is "stop" and a new sentence without a full stop between them.
func stopFirst() topic {
	return topic{"stop", []string{`^(?:please )?stop (?:i|im|ive|id|we|weve|who|wrong|thank|thanks|sorry)\b`}}
}

// textInstead asks for texts.
func textInstead() topic {
	return topic{"text messag", []string{
		`\b(?:just|only|please|instead|better|prefer|can you|could you|you can|rather|so|^)(?: to| you| just| only)* (?:text|message)\b`,
		`^(?:text|message) me|\btext (?:me )?(?:instead|only)\b|\btexts? (?:is|are|works?) (?:better|best|fine|ok)`,
	}}
}

// toldYou repeats an order to us: "I told you not to …"; only its $1 is kept.
func toldYou() topic {
	return topic{"told tell ask begging prefer rather if want", []string{
		`\b(told|tell|asked|ask|asking|begging|prefer|rather|appreciate if|appreciate it if|thank you if|better if|want) (?:that )?(?:you|u|yall)\b`,
	}}
}

// neverStop complains of texts: "you don't stop texting"; only its $1 is kept.
func neverStop() topic {
	return topic{"stop quit", []string{
		`\b(?:you|u|yall|they) (?:dont|do not|never|wont|will not|cant) (?:ever |just )?((?:stop|quit) (?:{texting}|sending))\b`,
	}}
}

// innocents are crossed out before refusals are looked for.
func innocents() topic {
	return topic{"text txt messag msg sms contact spam send stop quit subscri opt remove revoke ceas leave wrong not", []string{
		// somebody who does not text, or complains of getting none
		`\b(?:i|we|he|she|they|it|people|you|u|who) (?:really |usually |just |also |still )?` +
			`(?:dont|do not|cant|cannot|can not|never|didnt|did not|wont|will not|couldnt)(?: even| ever| usually| really| normally)? (?:{text}|send)\b`,
		`\b(?:why|how come)(?: (?:dont|do not|wont|cant|didnt)| you dont| you never) (?:you |u |we )?(?:{text}|send)\b`,
		// not wanting to stop
		`\b(?:dont|do not|never|didnt|did not|not) (?:ever )?(?:(?:want|wish|mean|meant|need|intend|going|trying|try|ask|asking)(?: you)? to )?` +
			`(?:stop|quit|unsubscribe|opt out|opted out|opt me out|remove me|revoke|cease)\b`,
		`\b(?:did|have|had|should|shall|must) (?:you|u|they|he|she|i|we) (?:just |all )?(?:stop|stopped|quit|unsubscribe|opt out)\b`,
		`\b(?:i|we|he|she|they|youve|you|u) (?:just |accidentally |must have |have )?(?:stopped|quit) `,
		`\b(?:accidentally|by accident|by mistake|mistakenly) (?:unsubscribed?|opted out|texted stop|said stop)\b`,
		// somebody else who does not stop
		`\b(?:wont|will not|wouldnt|would not|doesnt|does not|refuses? to|never) (?:stop|quit|leave)\b`,
		`\b(?:him|her|he|she|ex|husband|wife|boyfriend|girlfriend|neighbou?r|landlord|boss|guy|man|woman|someone|somebody|anyone) (?:to |please )*(?:stop|quit|leave)\b`,
		// a number or person that was wrong elsewhere, or is asked about
		`\b(?:gave|given|give|giving|left|sent|wrote|typed|entered|put|listed)(?: \w+){0,3} wrong (?:number|num|phone|contact)`,
		`\b(?:sent|send|sending|hired|booked|picked)(?: \w+){0,2} wrong (?:guy|person|man|contact)`,
		`\bwrong (?:number|num|phone|contact)(?: \w+){0,2} (?:on|listed|down|in) `,
		`\b(?:if|is|was) (?:this|that|it|i|the \w+)(?: \w+){0,2} wrong (?:number|num|person|place)`,
		`\b(?:do|did|does) (?:i|we|you)(?: \w+){1,3} wrong (?:number|num|person|place)`,
		`\bnot this (?:number|phone)\b`,
	}}
}

// optOutTopics are the sentences that are plain by themselves.
func optOutTopics() []topic {
	const aboutTexts = "text txt messag msg sms spam contact communic correspond notif alert send harass pester bother bugging"
	return []topic{
		{aboutTexts, []string{
			// stop texting me; quit messaging this number; stop calling and texting me
			`{stop}(?: (?:calling|emailing|ringing|phoning|me|us|and|or|constantly)|{any})* {texting}{me}(?: (?:and|or) (?:calling|emailing))?{me}{tail}{end}`,
			`{stop} (?:text|txt|message) (?:me|us)\b`,
			`\b(?:refrain|desist) from (?:{texting}|sending|any (?:further )?contact)\b`,
			// stop the texts; cancel these messages; no more texts; these texts must stop
			`(?:{stop}|\bend|\bcancel|\bno more|\bno further|\benough with|\bturn off|\bshut off|\bhalt)(?: (?:sending|getting|receiving)(?: me| us)?)?{any} {anytext}{tail}{end}`,
			`{stop}{any} (?:notifications|alerts|communications?|contact|correspondence){tail}{end}`,
			`\bno (?:more|further) (?:contact|communications?){tail}{end}`,
			`^(?:please )?no (?:{texts}{tail}{end}|(?:text|txt|message) (?:me|us|please|pls|plz|thanks|thank you)\b)`,
			`\b{texts}(?: (?:need|needs|have|has) to| must| should| to| please)? stop{tail}{end}`,
			// stop sending me these
			`{stop} send(?:ing)?(?: to)?{me}{any}(?: {stuff})?{tail}{end}`,
		}},
		{aboutTexts, []string{
			// don't text me anymore; please do not call or text this number
			`{dont} (?:(?:please|ever|even|just|try to|continue to|dare|you|u|(?:call|email)(?: me)?(?: or| and| nor)) )*{text}(?: (?:or|and|nor) (?:call|email|contact)){0,2}{me}{tail}$`,
			`{dont} (?:(?:please|ever|even|just|continue to|dare|you|u|(?:call|email)(?: me)?(?: or| and| nor)) )*{text}(?: (?:or|and|nor) (?:call|email)){0,2}` +
				` (?:me|us|here|{phone}){me}(?: (?:or|and) (?:call|email))?{tail}{end}`,
			`{dont} (?:keep|continue|continue with) {texting}{me}{tail}{end}`,
			// don't send me any more texts
			`{dont} (?:(?:please|ever) )*send(?: to)?{me}{any}(?: a| an)? {stuff}{me}{tail}{end}`,
			// I don't want these messages; I no longer wish to be contacted
			`\b(?:dont|do not|dnt|no longer|never|didnt|did not|not) (?:really |ever )?(?:want|wanting|wish|care|need|consent|agree|like|wanna)(?: for| to)?` +
				`(?: (?:to |be |keep )*(?:be|get|getting|receive|receiving|have|having|see))?{any} (?:{texts}|texted|txted|messaged|contacted|spammed){me}{tail}{end}`,
			`\b(?:dont|do not|no longer) (?:want|need|like|wish)(?: for)?(?: {you}| anyone| anybody)?(?: to)?(?: keep)?` +
				` (?:texting|txting|messaging|contacting|text|txt|message|contact) (?:me|us|{phone}){tail}{end}`,
			`\b(?:prefer|rather|like|asked|wish|choose) not (?:to )?(?:get|receive|have|be sent|getting|receiving){any} {texts}{tail}{end}`,
			`\bnot (?:to )?(?:be )?(?:texted|messaged|contacted){tail}{end}`,
			// you have no permission to text me
			`\b(?:dont|do not|didnt|did not|never|not|no)(?: (?:have|give|gave|given|grant|authorize|authorise|allow|permit|you|my|your company|anyone|any|permission|consent|authorization))*` +
				`(?: for you)? to (?:text|message|contact|send|txt) (?:me|us|{phone})\b`,
		}},
		{"hear", []string{
			`\b(?:dont|do not|no longer|never) (?:ever )?(?:want|wish|care|need|wanna)(?: to)? hear from (?:{you}|this number)`,
		}},
		{"unsu unsc opt stop", []string{
			`\b(?:un ?subscribe|unsubscribing|unsubscribed (?:me|us)|unsubcribe|unsuscribe|unsubscibe)\b`,
			`\b(?:opt|opting|opted) (?:me |us |{phone} )?out(?: me| us)?(?: (?:of|from)(?:{any}(?: receiving| getting)?{any} {anytext}| (?:this|the|your) (?:list|program)| everything)?)?{tail}{end}`,
			`\boptout{tail}{end}`,
			`\b(?:reply|replying|text|texting|send|sending|sent|said|typed|texted|replied) stop(?: to (?:opt out|end|cancel|quit|stop)\b.*)?{tail}$`,
		}},
		{"list remov delet eras take lose number database system record directory contact group thread file text dnc do not", []string{
			// take me off your list; remove my number; get me out of your system
			`\b(?:remove|take|get|delete|drop|scratch|erase|pull) ` +
				`(?:me|us|(?:my|this)(?: cell| phone| mobile)? (?:number|name|info|information|contact|contact info|phone|cell)|my (?:name and number|cell|phone|mobile)|number|[\d ]{7,})` +
				`(?: (?:off|out|from|of|your|ur|the|this|that|these|all|any|{kind}))* {list}{tail}(?:{end}| (?:for|of|to))`,
			`\b(?:remove|delete|erase) (?:me|us|(?:my|this)(?: cell| phone| mobile)? (?:number|contact|info|information|contact info)|my cell|my phone|[\d ]{7,}){tail}{end}`,
			`\btake (?:me|us|my (?:number|name)|this number) off{tail}{end}`,
			`\b(?:i|we|id|wed) (?:\w+ ){1,3}(?:to be|be|get|to get|my number|this number) (?:removed|taken off|unsubscribed|deleted|opted out)` +
				`(?: (?:from|off|of|your|the|this|all|any|{kind}))*(?: {texts}| lists?| database| contacts)?{tail}$`,
			`\b(?:have|want|need|get) (?:my|this)(?: cell| phone)? number (?:removed|deleted|taken off|off)\b`,
			`\b(?:off|out)(?: of)? (?:your|ur|the|this|that|all)(?: {kind})* lists?{tail}{end}`,
			`\b(?:dont|do not|never) (?:want|wish|need|ask|asked) to be on (?:your|ur|the|this|that|any)(?: {kind})* lists?{tail}{end}`,
			`\blose (?:my|this) number\b`,
			`\b(?:put|add|place) (?:me|us|my number|this number) (?:on|to|in) (?:your|the|ur|a) (?:do not (?:call|text|contact)|dnc)\b`,
		}},
		{"consent permission desist", []string{
			`\b(?:revoke|revoking|withdraw|withdrawing|rescind)(?: (?:my|any|all|prior|previous|express|the))* (?:consent|permission)` +
				`(?: (?:to|for){any}(?: be| being| receive){0,2}{any} (?:{anytext}|texted|contact|contacted))?{tail}{end}`,
			`\bcease and desist\b`,
		}},
		{"wrong", []string{
			`\bwrong (?:number|num|person)(?: so| and)?(?: please| pls| plz)? (?:stop|remove|delete|unsubscribe)(?: (?:me|it|this|please|my number|this number))*$`,
		}},
		{"arret cess stop plus veux souhait desir voudrai abonn inscri retir enlev supprim otez effac", optOutFrench()},
		{"mensaj texto sms escrib contact molest mand envi text lista sistema datos numero baja eme nme", optOutSpanish()},
		{"mensag sms texto escrev contat contact incomod perturb lista cadastr sistema numero mand envi", optOutPortuguese()},
	}
}

func optOutFrench() []string {
	return []string{
		// arrêtez de m'écrire; stop aux textos
		`\b(?:arrete[rz]?|cessez?|stop|stopper|stoppez)(?: (?:de|d|avec|aux?|tous?|vos|les|ces|tes|ce))*(?: (?:m|me|nous))? ?` +
			`(?:menvoyer|denvoyer|envoyer|mecrire|ecrire|texter|contacter|harceler|deranger|messages?|textos?|sms|spam)\b`,
		// ne m'envoyez plus de messages; merci de ne plus me contacter
		`\bne (?:m ?envoye[rz]?|menvoye[sz]|m ?ecri(?:vez|s)|me (?:texte[sz]?|contacte[sz]?|ecri(?:vez|s)|derange[sz]?|envoye[sz]?)) plus\b`,
		`\bne plus (?:m ?envoyer|m ?ecrire|me (?:contacter|texter|ecrire|deranger|envoyer))\b`,
		`^(?:svp |sil vous plait |merci )?plus (?:de|aucun) (?:messages?|textos?|sms)\b`,
		`\b(?:veux|souhaite|desire|voudrais) (?:plus|pas) (?:recevoir|de|etre contactee?|quon me contacte|vos) ?(?:(?:de|vos|ces|des|aucun) )*(?:messages?|textos?|sms|contactee?)?$`,
		// désabonnez-moi; retirez-moi de votre liste
		`\b(?:desabonne[rz]?|desinscri(?:re|vez|s))(?: moi)?\b`,
		`\b(?:retire[rz]?|enleve[rz]?|supprime[rz]?|otez|efface[rz]?) (?:moi|mon (?:numero|nom)|ce numero)(?: (?:de|du|la|votre|vos|ta|cette|listes?|repertoire|base|contacts|sil vous plait|svp))*$`,
		`\bme (?:retirer|enlever|supprimer|effacer|desabonner|desinscrire) (?:de |du )?(?:la |votre |vos |cette |ta )?(?:listes?|repertoire|base|contacts)\b`,
	}
}

func optOutSpanish() []string {
	return []string{
		// dejen de escribirme; no me manden mensajes; no quiero más mensajes
		`\b(?:dej(?:a|e|en|ar)|par(?:a|e|en)|ces(?:a|e|en)) (?:ya )?de (?:(?:mandar|enviar|escribir|textear|contactar|molestar|acosar|mensajear)(?:me|nos)?|` +
			`estar (?:mandando|enviando|molestando|escribiendo)(?:me)?)\b`,
		`\bno me (?:mand(?:e|es|en)|envi(?:e|es|en)|escrib(?:a|as|an)|texte(?:e|es|en)|contact(?:e|es|en)|molest(?:e|es|en))` +
			`(?: (?:mas|otra vez|nunca|mensajes?|textos?|sms|estos|esos|nada|por favor|a este numero))*$`,
		`\bno (?:mand(?:e|es|en)|envi(?:e|es|en))(?: mas)? (?:mensajes?|textos?|sms)\b`,
		`\bno (?:quiero|deseo|necesito)(?: (?:mas|recibir|que me (?:manden|envien|escriban|contacten)|sus|estos|esos|tus|nada de))* (?:mensajes?|textos?|sms)\b`,
		`\bno (?:quiero|deseo)(?: mas)? (?:que me (?:escriban|contacten|texteen|molesten)|ser contactad[oa])\b`,
		`^(?:(?:ya )?no mas|(?:ya )?basta de|alto a los|parar los) (?:mensajes?|textos?|sms)\b`,
		`\bcancelar?(?: (?:los|sus|estos|esos|todos|mis))* (?:mensajes|textos|sms)\b`,
		// quítenme de la lista; borre mi número; quiero darme de baja
		`\b(?:quit|sac|sa|borr|elimin|remuev)(?:a|e|en|ar|que|quen)(?:me)? (?:mi (?:numero|nombre) |este numero )?` +
			`(?:de|del)(?: (?:la|su|tu|sus|esta|esa|de|base|datos))* (?:listas?|sistema|contactos|datos)$`,
		`\b(?:quite|quiten|saque|saquen|borre|borren|elimine|eliminen)me\b`,
		`\b(?:borr(?:a|e|en)|elimin(?:a|e|en)|quit(?:a|e|en)) (?:mi|este) numero\b`,
		`\b(?:dar|den|da)(?:me|nme) de baja$|\bdenme de baja\b|\bdar(?:me)? de baja de (?:la|su|esta|los|estos|sus) (?:lista|mensajes)\b`,
	}
}

func optOutPortuguese() []string {
	return []string{
		// pare de me enviar mensagens; não me mande mais nada
		`\b(?:par(?:a|e|em|ar)|deix(?:a|e|em)) (?:ja )?de (?:me )?(?:mandar|enviar|escrever|contatar|contactar|incomodar|perturbar|encher)(?:em)?\b`,
		`\bnao (?:me )?(?:mand(?:a|e|em)|envi(?:a|e|em)|escrev(?:a|am))(?: (?:mais|nada|mensagens?|mensagem|sms|textos?|por favor|essas?|pra|para|mim|nunca))*$`,
		`\bnao (?:me )?(?:contat|contact|incomod|perturb)(?:e|em)(?: mais)?$`,
		`\bnao entr(?:a|e|em)(?: mais)? em contato\b`,
		`\bnao (?:quero|desejo)(?: (?:mais|receber|suas|essas|estas|que me mandem))* (?:mensagens|mensagem|sms)\b`,
		`^(?:chega de|sem mais|nao mais|parar(?: as| com as)?|cancelar(?: as)?) (?:mensagens|mensagem|sms)\b`,
		// me tire da lista; apague meu número; descadastrar
		`\b(?:me )?(?:tir(?:a|e|em|ar)|remov(?:a|e|am|er)|retir(?:a|e|em)|exclu(?:a|i|am|ir))(?: me)?(?: o)?(?: meu (?:numero|nome|contato))?` +
			` (?:da|dessa|desta|de sua|do|da sua) (?:lista|cadastro|sistema)\b`,
		`\bsair d(?:a|essa|esta|e sua) lista\b`,
		`\b(?:apag(?:a|ue|uem|ar)|exclu(?:a|i|am|ir)|remov(?:a|e|am|er)) (?:o )?meu (?:numero|contato)\b`,
		`\bdescadastr(?:a|e|ar|em)\b`,
	}
}

// likelyTopics stop the automatic texts until a person confirms.
func likelyTopics() []topic {
	return []topic{
		{"wrong right correct number phone name cell", []string{
			`\bwrong (?:number|num|nbr)\b`,
			`(?:^|\b(?:have|got|sorry|texted|texting|messaging)(?: \w+)?) wrong (?:person|guy|contact)\b|^wrong person\b`,
			`\b(?:not|isnt) (?:the )?(?:right|correct) (?:number|person)\b`,
			`\b(?:isnt|is not|not|no longer) (?:\w+s|his|her|their) (?:cell |mobile )?(?:number|phone)\b`,
			`\b(?:number|phone) belongs to (?:someone|somebody) else\b`,
			`\bno longer (?:at|has|have|uses|using|owns|with) this (?:number|phone)\b`,
			`\b(?:nobody|no one|noone|no body) (?:here )?by that name\b`,
			`{dont} (?:ever )?use this (?:number|phone|cell)(?: (?:anymore|any more|again))?$`,
		}},
		{"leave away lost piss buzz off fuck screw bug shut stfu knock life disturb contact more end", []string{
			`\bleave (?:me|us|my (?:family|wife|husband|phone))(?: \w+){0,2} alone\b|\bleave me be\b`,
			`^(?:please |just )?(?:go away|get lost|piss off|buzz off|f off|fuck off|fuck you|fuck u|screw you|bug off|eff off|stfu|shut up|knock it off|bugger off|get a life){tail}{end}`,
			`\bdo not disturb$|^(?:please )?(?:no contact|no more|end this|make it end)(?: please)?$`,
		}},
		{"interested", []string{
			`^(?:(?:no|nah|sorry|hi|hello|thanks|but|i|im|am|we|were|are|really|thank|you|not|at|all|longer) )*(?:not|no longer) interested` +
				`(?: (?:at this time|at the moment|at this point|in (?:it|this|that|your services?|your offer)))?{tail}$`,
		}},
		{"call contact text phone dial rang ring", []string{
			`\b(?:i|we) (?:didnt|did not|never|have not|havent|have never)(?: even| ever)? (?:call|called|contact|contacted|text|texted|phone|phoned|dial|dialed|dialled|rang|ring)` +
				`(?: (?:you|u|yall|you guys|this number|your number|anyone|anybody|your company|your business))?{tail}$`,
			`^(?:didnt|did not|never) (?:call|called|contact|contacted|text|texted) (?:you|u|this number|your number|anyone|anybody)$`,
			`^(?:nobody|no one|noone) (?:(?:here|from here) (?:called|contacted|texted)|(?:called|contacted|texted) (?:you|u|this number))\b`,
			`\bdo not (?:call|text|contact) (?:list|registry)\b`,
		}},
		{"sign subscri opt ask consent agree", []string{
			`\b(?:never|didnt|did not) (?:sign|signed|subscribe|subscribed|opt|opted|signup)(?: up| in)?(?: (?:for|to|this|these|your|any|that|get|receive|be|on))*(?: {anytext}| list)?{end}`,
			`\b(?:never|didnt|did not) (?:ask|asked|consent|consented|agree|agreed)(?: (?:for|to|get|getting|receive|be)|{any})* (?:{texts}|texted|contacted)\b`,
			`\b(?:do not|dont|never) consent\b`,
		}},
		{"spam scam junk harass report sue block dnc", []string{
			`^(?:this is |its |thats |your |youre |you are )?(?:a )?(?:spam|scam|scammer|scammers|spammer|spammers|junk)$|^(?:this is|its|thats) harassment$`,
			`\b(?:i|im|i am|ill|i will|will be|am|going to|gonna|ive|i have) report(?:ing|ed)? (?:you|u|this number|this|you guys)(?: (?:to|as|for))\b`,
			`\b(?:will|gonna|going to|ill) (?:sue|report|block) (?:you|u|yall|this number)\b`,
			`\b(?:im|i am|i have|ive|i) (?:just )?(?:block|blocked|blocking) (?:you|u|this number|your number)\b`,
			`\b(?:on|national) dnc\b`,
		}},
		// refusals with a condition ("don't text me after nine"), and weary ones
		{"text txt messag msg sms contact spam stop bother harass pester bugging", []string{
			`{dont} (?:(?:please|ever|even|you) )*{text} (?:me|us|here|this number)\b`,
			`{stop} {texting} (?:me|us|here|this number)\b`,
			`{stop} (?:sending|texting)(?: me)? so (?:many|much|often|late|early)\b`,
			`\bno more {texts}\b`,
			`\b(?:you|u) (?:keep|kept) {texting}\b`,
			`^(?:you can|u can|you may) stop(?: now)?$`,
			`^(?:can|could|will|would) (?:you|u|yall)(?: please| just)* stop(?: (?:please|now|it|this|that))?$`,
		}},
		{"numer tranquill paz interes pessoa", []string{
			`\b(?:mauvais|faux) numero\b|\btrompez? de numero\b|\blaisse[rz]? (?:moi|nous) tranquilles?\b|\bpas interessee?s?$`,
			`\bnumero (?:equivocado|incorrecto)\b|\bequivo(?:cad[oa]|co) de numero\b|\bdej(?:a|e|en|ar)(?:me|nos) en paz\b|\bno me interesa$|\bno estoy interesad[oa]$`,
			`\bnumero errado\b|\bpessoa errada\b|\bme deix(?:a|e|em) em paz\b|\bdeix(?:a|e|em) me em paz\b|\bnao tenho interesse$`,
		}},
	}
}

// noCalls refuses calls: likely, unless texts are asked for.
func noCalls() topic {
	return topic{"call ring phon blow", []string{
		`{stop} (?:calling|ringing|phoning|blowing up) (?:me|us|here|{phone})\b`,
		`{dont} (?:ever )?(?:call|ring|phone) (?:me|us|this number|here) (?:again|anymore|any more|ever)\b`,
	}}
}
